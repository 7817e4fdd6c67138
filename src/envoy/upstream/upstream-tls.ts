import type { Cluster } from '#xds/cluster.ts';
import type { Json, TransportSocket } from '#xds/core.ts';
import type { UpstreamTls } from '../network.ts';
import type { HostDescription } from './host-description.ts';

const MATCH_METADATA = 'envoy.transport_socket_match';

/**
 * How connections to a host are secured: by the first transport socket match whose labels the host
 * carries, else by the cluster's own transport socket. Undefined = plaintext.
 *
 * @source envoy: source/common/upstream/transport_socket_match_impl.cc, TransportSocketMatcherImpl::resolve
 */
export function upstreamTlsOf(cluster: Cluster, host: HostDescription): UpstreamTls | undefined {
  const labels = host.metadata.get(MATCH_METADATA) ?? {};
  const matched = cluster.transportSocketMatches?.find(({ match = {} }) =>
    Object.entries(match).every(([key, value]) => labels[key] === value),
  );
  const socket = matched === undefined ? cluster.transportSocket : matched.transportSocket;
  return socket === undefined ? undefined : tlsOf(socket);
}

function tlsOf(socket: TransportSocket): UpstreamTls | undefined {
  const config = socket.typedConfig;
  if (config === undefined || !config['@type'].endsWith('.UpstreamTlsContext')) return undefined;
  const common = asObject(config['commonTlsContext']);
  const alpn = asArray(common['alpnProtocols']).filter((it) => typeof it === 'string');
  const certificates = [
    ...asArray(common['tlsCertificates']),
    ...asArray(common['tlsCertificateSdsSecretConfigs']),
  ];
  return { sni: config.sni ?? '', alpn, mutual: certificates.length > 0 };
}

function asObject(value: Json | undefined): { readonly [key: string]: Json } {
  const isObject = typeof value === 'object' && value !== null && !isArray(value);
  return isObject ? value : {};
}

function asArray(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : [];
}

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
