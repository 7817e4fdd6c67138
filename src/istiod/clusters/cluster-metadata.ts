import type { Json, Metadata } from '#xds/core.ts';
import type { Service } from '../model/service.ts';

/** A resource as cluster metadata names it. */
export interface ConfigInfo {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What the telemetry of a cluster is labelled with. */
export interface ClusterLabels {
  readonly services: readonly Service[];
  /** The DestinationRule that shaped it. */
  readonly config?: ConfigInfo | undefined;
  readonly subset?: string;
  readonly isExternal?: boolean;
  /** The rule's own TLS: ALPN of the application must not be replaced. */
  readonly keepsAlpn?: boolean;
}

/**
 * The `istio` metadata of a cluster.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, addTelemetryMetadata;
 *   pilot/pkg/networking/util/util.go, AddConfigInfoMetadata, AddSubsetToMetadata, AddALPNOverrideToMetadata
 */
export function clusterMetadata(labels: ClusterLabels): Metadata {
  const istio: { [field: string]: Json } = {};
  if (labels.keepsAlpn) istio['alpn_override'] = 'false';
  if (labels.config !== undefined) istio['config'] = configPath(labels.config);
  if (labels.isExternal) istio['external'] = true;
  istio['services'] = labels.services.map(({ hostname, name, namespace }) => ({
    host: hostname,
    name,
    namespace,
  }));
  if (labels.subset !== undefined) istio['subset'] = labels.subset;
  return { filterMetadata: { istio } };
}

/** `/apis/networking.istio.io/v1/namespaces/shop/destination-rule/reviews`. */
function configPath({ apiVersion, kind, namespace, name }: ConfigInfo): string {
  const kebab = kind.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
  return `/apis/${apiVersion}/namespaces/${namespace}/${kebab}/${name}`;
}
