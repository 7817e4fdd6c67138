/**
 * What the recorder is told once about each thing that requests are counted by. The texts become
 * labels only when results are read (`label-catalogue.ts` says which label comes from where).
 * '' = not known, which labels show as `unknown`, as in a mesh.
 */

/** A workload instance: who a proxy stands beside, who a host is, or who calls. */
export interface WorkloadLabels {
  readonly workload: string;
  readonly namespace: string;
  /** The name of the pod. */
  readonly pod: string;
  readonly app: string;
  readonly version: string;
  readonly canonicalService: string;
  readonly canonicalRevision: string;
  readonly principal: string;
  /** Of the multi-cluster mesh: `Kubernetes` by default. */
  readonly cluster: string;
}

export const UNKNOWN_WORKLOAD: WorkloadLabels = {
  workload: '',
  namespace: '',
  pod: '',
  app: '',
  version: '',
  canonicalService: '',
  canonicalRevision: '',
  principal: '',
  cluster: '',
};

/** A proxy, by its unique `name`: the pod's, as `istioctl proxy-config` takes it. */
export interface ProxyLabels extends WorkloadLabels {
  readonly name: string;
}

/** An upstream cluster, by its `name` (`outbound|80|v1|catalog.default.svc.cluster.local`). */
export interface ClusterLabels {
  readonly name: string;
  /** '' for none. */
  readonly subset: string;
  /** The FQDN it stands for: `destination_service`. */
  readonly service: string;
  readonly serviceName: string;
  readonly serviceNamespace: string;
  /** Of what no route took, which has no cluster (`name` is ''). */
  readonly asked?: Asked;
}

/** What a request asked for that no route took. */
export interface Asked {
  readonly host: string;
  /** The route configuration that was searched. */
  readonly routes: string;
}

/** An endpoint, by its `address` (`10.1.0.7:8080`). */
export interface HostLabels extends WorkloadLabels {
  readonly address: string;
}

/** A load generator, by its `name` in the scenario, and where it stands. */
export interface ClientLabels extends WorkloadLabels {
  readonly name: string;
}
