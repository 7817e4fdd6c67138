import type { Json, NamedTypedConfig, TypedConfig } from '#xds/core.ts';

/**
 * The HTTP filters that istiod puts into every connection manager, in their order.
 *
 * @source istio: pilot/pkg/xds/filters/filters.go; pilot/pkg/networking/core/listener_builder.go,
 *   buildHTTPConnectionManager
 */
export type ListenerClass = 'sidecar-outbound' | 'sidecar-inbound' | 'gateway';

export interface HttpFilterOptions {
  readonly class: ListenerClass;
  /** A GRPC-Web port needs the translating filter. */
  readonly isGrpcWeb: boolean;
  /** Filters that stand just before the router. */
  readonly beforeRouter: readonly NamedTypedConfig[];
}

export function buildHttpFilters(options: HttpFilterOptions): readonly NamedTypedConfig[] {
  return [
    options.class === 'sidecar-inbound' ? INBOUND_METADATA : OUTBOUND_METADATA,
    ...(options.isGrpcWeb ? [GRPC_WEB] : []),
    GRPC_STATS,
    ...(options.class === 'sidecar-inbound' ? [] : [ALPN]),
    FAULT,
    CORS,
    ...options.beforeRouter,
    ROUTER,
  ];
}

/** Names that routes refer to in `typedPerFilterConfig`. */
export const FAULT_FILTER = 'envoy.filters.http.fault';
export const CORS_FILTER = 'envoy.filters.http.cors';

type FilterConfig = TypedConfig & { readonly [field: string]: Json | undefined };

function filter(name: string, message: string, fields: Record<string, Json> = {}) {
  const typedConfig: FilterConfig = { '@type': `type.googleapis.com/${message}`, ...fields };
  return { name, typedConfig };
}

function peerMetadata(fields: Record<string, Json>) {
  return filter('istio.metadata_exchange', 'udpa.type.v1.TypedStruct', {
    typeUrl: 'type.googleapis.com/io.istio.http.peer_metadata.Config',
    value: fields,
  });
}

const DISCOVERY: Json = [{ istio_headers: {} }, { workload_discovery: {} }];

const INBOUND_METADATA = peerMetadata({
  downstream_discovery: DISCOVERY,
  downstream_propagation: [{ istio_headers: {} }],
});
const OUTBOUND_METADATA = peerMetadata({
  upstream_discovery: DISCOVERY,
  upstream_propagation: [{ istio_headers: {} }],
});
const GRPC_WEB = filter(
  'envoy.filters.http.grpc_web',
  'envoy.extensions.filters.http.grpc_web.v3.GrpcWeb',
);
const GRPC_STATS = filter(
  'envoy.filters.http.grpc_stats',
  'envoy.extensions.filters.http.grpc_stats.v3.FilterConfig',
  { emitFilterState: true, statsForAllMethods: false },
);
const ALPN = filter('istio.alpn', 'istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig', {
  alpnOverride: [
    { alpnOverride: ['istio-http/1.0', 'istio', 'http/1.0'] },
    { upstreamProtocol: 'HTTP11', alpnOverride: ['istio-http/1.1', 'istio', 'http/1.1'] },
    { upstreamProtocol: 'HTTP2', alpnOverride: ['istio-h2', 'istio', 'h2'] },
  ],
});
const FAULT = filter(FAULT_FILTER, 'envoy.extensions.filters.http.fault.v3.HTTPFault');
const CORS = filter(CORS_FILTER, 'envoy.extensions.filters.http.cors.v3.Cors');
const ROUTER = filter(
  'envoy.filters.http.router',
  'envoy.extensions.filters.http.router.v3.Router',
);
