import { parseOutboundClusterName } from '#istiod/model/names.ts';
import type { ClusterLabels } from '#telemetry/labels.ts';
import type { Cluster } from '#xds/cluster.ts';

/**
 * What telemetry says of a cluster: the service of its metadata, else that of its name.
 *
 * @source istio: extensions/common and pilot/pkg/networking/core/cluster_builder.go, addTelemetryMetadata
 */
export function clusterLabels(name: string, cluster: Cluster | undefined): ClusterLabels {
  const parts = parseOutboundClusterName(name);
  const service = metadataService(cluster);
  const host = service?.host ?? parts?.host ?? '';
  const [first = '', second = ''] = host.split('.');
  const isKubernetes = host.includes('.svc.');
  return {
    name,
    subset: parts?.subset ?? '',
    service: host === '' ? name : host,
    serviceName: service?.name ?? (isKubernetes ? first : host === '' ? name : host),
    serviceNamespace: service?.namespace ?? (isKubernetes ? second : ''),
  };
}

interface MetadataService {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
}

function metadataService(cluster: Cluster | undefined): MetadataService | undefined {
  const istio: unknown = cluster?.metadata?.filterMetadata?.['istio'];
  if (typeof istio !== 'object' || istio === null || !('services' in istio)) return undefined;
  const [service] = Array.isArray(istio.services) ? (istio.services as unknown[]) : [];
  if (typeof service !== 'object' || service === null) return undefined;
  const text = (key: string): string => {
    const value: unknown = Reflect.get(service, key);
    return typeof value === 'string' ? value : '';
  };
  return { host: text('host'), name: text('name'), namespace: text('namespace') };
}
