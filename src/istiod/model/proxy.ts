import { augmentLabels, type Labels } from './labels.ts';

/** `CLUSTER_ID` of every proxy and endpoint: one cluster is simulated. */
export const CLUSTER_ID = 'Kubernetes';

/**
 * Who asks for configuration.
 *
 * @source istio: pilot/pkg/model/context.go, Proxy
 */
export interface ProxyModel {
  readonly kind: 'sidecar' | 'gateway';
  /** The pod's name. */
  readonly name: string;
  readonly namespace: string;
  /** The workload's labels, with its topology's added where they are known. */
  readonly labels: Labels;
  /** Its addresses, the pod's first IP first. */
  readonly ips: readonly string[];
  /** `region/zone/subzone`; empty when unknown. */
  readonly locality: string;
  /** The node it runs on; empty when unknown. */
  readonly node: string;
  readonly network: string;
  readonly interceptionMode: 'REDIRECT' | 'TPROXY' | 'NONE';
  /** `ISTIO_META_…` and proxy configuration that decides about traffic. */
  readonly metadata: ProxyMetadata;
}

export interface ProxyMetadata {
  /** `ISTIO_META_DNS_CAPTURE`: applications see the allocated addresses of ServiceEntries. */
  readonly capturesDns?: boolean;
  /** `ISTIO_META_IDLE_TIMEOUT` as a protobuf duration. */
  readonly idleTimeout?: string;
  /** `ISTIO_META_HTTP10`. */
  readonly http10?: boolean;
}

/** What must be told of a proxy; the rest follows. */
export interface ProxyIdentity {
  readonly kind: 'sidecar' | 'gateway';
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly ip: string;
  readonly locality?: string | undefined;
  readonly node?: string | undefined;
  readonly network?: string | undefined;
  readonly interceptionMode?: ProxyModel['interceptionMode'] | undefined;
  readonly metadata?: ProxyMetadata | undefined;
}

/** A proxy with everything that a bare identity leaves open at its default. */
export function proxyOf(identity: ProxyIdentity): ProxyModel {
  return {
    kind: identity.kind,
    name: identity.name,
    namespace: identity.namespace,
    labels: identity.labels,
    ips: [identity.ip],
    locality: identity.locality ?? '',
    node: identity.node ?? '',
    network: identity.network ?? '',
    interceptionMode: identity.interceptionMode ?? 'REDIRECT',
    metadata: identity.metadata ?? {},
  };
}

/**
 * The proxy of a workload that the cluster knows: its labels get its topology, as istiod's get.
 *
 * @source istio: pilot/pkg/model/context.go, SetWorkloadLabels
 */
export function withTopologyLabels(proxy: ProxyModel): ProxyModel {
  const where = {
    clusterId: CLUSTER_ID,
    locality: proxy.locality,
    node: proxy.node,
    network: proxy.network,
  };
  return { ...proxy, labels: augmentLabels(proxy.labels, where) };
}
