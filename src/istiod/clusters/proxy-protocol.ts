import type { TrafficPolicy } from '#config/istio/destination-rule.ts';
import type { Json, TransportSocket } from '#xds/core.ts';
import type { TransportParts } from './transport-socket.ts';

type ProxyProtocol = NonNullable<TrafficPolicy['proxyProtocol']>;

/**
 * Wraps every transport socket so that a PROXY protocol header precedes the bytes.
 *
 * @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, applyUpstreamProxyProtocol
 */
export function withProxyProtocol(
  parts: TransportParts,
  settings: ProxyProtocol | undefined,
): TransportParts {
  if (settings === undefined) return parts;
  const wrap = (inner: TransportSocket): TransportSocket => wrapped(inner, settings);
  if (parts.transportSocketMatches !== undefined) {
    return {
      ...parts,
      transportSocketMatches: parts.transportSocketMatches.map((match) => ({
        ...match,
        ...(match.transportSocket === undefined
          ? {}
          : { transportSocket: wrap(match.transportSocket) }),
      })),
    };
  }
  return { ...parts, transportSocket: wrap(parts.transportSocket ?? RAW_BUFFER) };
}

const RAW_BUFFER: TransportSocket = {
  name: 'envoy.transport_sockets.raw_buffer',
  typedConfig: {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
  },
};

function wrapped(inner: TransportSocket, settings: ProxyProtocol): TransportSocket {
  return {
    name: 'envoy.transport_sockets.upstream_proxy_protocol',
    typedConfig: {
      '@type':
        'type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport',
      config: settings.version === 'V2' ? { version: 'V2' } : {},
      // A transport socket is JSON by construction; its type only names some of its fields.
      transportSocket: inner as unknown as Json,
    },
  };
}
