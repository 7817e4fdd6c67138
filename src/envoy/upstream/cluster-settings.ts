import type {
  CircuitBreakerThresholds,
  Cluster,
  CommonHttpProtocolOptions,
  HttpProtocolOptions,
} from '#xds/cluster.ts';
import { durationNs } from '#xds/duration.ts';

const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const DEFAULT_CONNECT_TIMEOUT_NS = 5_000_000_000;
const DEFAULT_IDLE_TIMEOUT_NS = 3_600_000_000_000;
const DEFAULT_MAX_CONCURRENT_STREAMS = 1024;
/** Streams in the life of one HTTP/2 connection. */
const MAX_STREAMS_PER_CONNECTION = 2 ** 29;

/** Which protocol a cluster's pools speak; `downstream` = that of the request. */
export type UpstreamProtocol = 'http/1.1' | 'h2' | 'downstream';

/**
 * What pools, breakers and the router read of a cluster's configuration, compiled once per content.
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, ClusterInfoImpl;
 *   source/extensions/upstreams/http/config.cc
 */
export interface ClusterSettings {
  readonly connectTimeoutNs: number;
  readonly protocol: UpstreamProtocol;
  readonly maxConcurrentStreams: number;
  readonly maxRequestsPerConnection: number;
  /** 0 = none. */
  readonly idleTimeoutNs: number;
  /** 0 = none. */
  readonly maxConnectionDurationNs: number;
  /** 0 = none. */
  readonly maxStreamDurationNs: number;
  readonly preconnectRatio: number;
  readonly maxConnectionsPerHost: number;
  readonly closesOnHealthFailure: boolean;
  /** Its balancer looks at the request even where the route says nothing: original destination, subsets. */
  readonly asksForRequest: boolean;
  readonly defaultThresholds: CircuitBreakerThresholds | undefined;
  readonly highThresholds: CircuitBreakerThresholds | undefined;
}

export function compileClusterSettings(cluster: Cluster): ClusterSettings {
  const options = httpProtocolOptions(cluster);
  const common: CommonHttpProtocolOptions = options?.commonHttpProtocolOptions ?? {};
  const http2 =
    options?.explicitHttpConfig?.http2ProtocolOptions ??
    options?.useDownstreamProtocolConfig?.http2ProtocolOptions;
  const maxRequests = common.maxRequestsPerConnection ?? cluster.maxRequestsPerConnection ?? 0;
  const thresholds = cluster.circuitBreakers?.thresholds ?? [];
  const perHost = cluster.circuitBreakers?.perHostThresholds?.[0]?.maxConnections;
  return {
    connectTimeoutNs: durationNs(cluster.connectTimeout) ?? DEFAULT_CONNECT_TIMEOUT_NS,
    protocol: upstreamProtocol(options),
    maxConcurrentStreams: http2?.maxConcurrentStreams ?? DEFAULT_MAX_CONCURRENT_STREAMS,
    maxRequestsPerConnection: maxRequests === 0 ? MAX_STREAMS_PER_CONNECTION : maxRequests,
    idleTimeoutNs: durationNs(common.idleTimeout) ?? DEFAULT_IDLE_TIMEOUT_NS,
    maxConnectionDurationNs: durationNs(common.maxConnectionDuration) ?? 0,
    maxStreamDurationNs: durationNs(common.maxStreamDuration) ?? 0,
    preconnectRatio: cluster.preconnectPolicy?.perUpstreamPreconnectRatio ?? 1,
    maxConnectionsPerHost: perHost ?? Number.MAX_SAFE_INTEGER,
    closesOnHealthFailure: cluster.closeConnectionsOnHostHealthFailure ?? false,
    asksForRequest:
      cluster.type === 'ORIGINAL_DST' ||
      cluster.lbPolicy === 'CLUSTER_PROVIDED' ||
      cluster.lbSubsetConfig !== undefined,
    // The first entry of a priority counts.
    defaultThresholds: thresholds.find((entry) => (entry.priority ?? 'DEFAULT') === 'DEFAULT'),
    highThresholds: thresholds.find((entry) => entry.priority === 'HIGH'),
  };
}

function httpProtocolOptions(cluster: Cluster): HttpProtocolOptions | undefined {
  return cluster.typedExtensionProtocolOptions?.[HTTP_PROTOCOL_OPTIONS];
}

function upstreamProtocol(options: HttpProtocolOptions | undefined): UpstreamProtocol {
  if (options?.useDownstreamProtocolConfig !== undefined) return 'downstream';
  return options?.explicitHttpConfig?.http2ProtocolOptions === undefined ? 'http/1.1' : 'h2';
}
