/**
 * Names that istiod gives to what belongs to no service.
 *
 * @source istio: pilot/pkg/networking/util/util.go, pilot/pkg/model/context.go
 */
export const PASSTHROUGH_CLUSTER = 'PassthroughCluster';
export const BLACK_HOLE_CLUSTER = 'BlackHoleCluster';
export const INBOUND_PASSTHROUGH_CLUSTER = 'InboundPassthroughCluster';
export const ALLOW_ANY_DYNAMIC_DNS_CLUSTER = 'AllowAnyDynamicDNSCluster';

/** The virtual host and route for unknown hosts. */
export const PASSTHROUGH_ROUTE = 'allow_any';
export const BLACK_HOLE_ROUTE = 'block_all';
export const ALLOW_ANY_DYNAMIC_DNS_ROUTE = 'allow_any_dynamic_dns';

export const VIRTUAL_OUTBOUND_LISTENER = 'virtualOutbound';
export const VIRTUAL_OUTBOUND_BLACK_HOLE_CHAIN = 'virtualOutbound-blackhole';
export const VIRTUAL_OUTBOUND_CATCH_ALL_CHAIN = 'virtualOutbound-catchall-tcp';
export const PASSTHROUGH_CHAIN = 'PassthroughFilterChain';

export const VIRTUAL_INBOUND_LISTENER = 'virtualInbound';
export const VIRTUAL_INBOUND_BLACK_HOLE_CHAIN = 'virtualInbound-blackhole';
export const VIRTUAL_INBOUND_CATCH_ALL_HTTP_CHAIN = 'virtualInbound-catchall-http';

/** The route configuration of the HTTP proxy port. */
export const HTTP_PROXY_ROUTE = 'http_proxy';
