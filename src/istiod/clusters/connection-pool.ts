import type {
  ConnectionPoolSettings,
  TcpKeepalive,
  TrafficPolicy,
} from '#config/istio/destination-rule.ts';
import type {
  CircuitBreakerThresholds,
  Cluster,
  CommonHttpProtocolOptions,
  Http2ProtocolOptions,
} from '#xds/cluster.ts';
import type { MeshConfig } from '../model/mesh-config.ts';
import { wholeSeconds, xdsDuration } from '../xds-values.ts';

/** What a connection pool's settings come to in a cluster. */
export interface ConnectionPoolParts {
  readonly connectTimeout: string;
  readonly circuitBreakers: NonNullable<Cluster['circuitBreakers']>;
  readonly upstreamConnectionOptions: Cluster['upstreamConnectionOptions'];
  /** Absent when nothing asks for it. */
  readonly commonHttp: CommonHttpProtocolOptions | undefined;
  /** Only written into a cluster that speaks HTTP/2 anyway. */
  readonly http2: Http2ProtocolOptions;
}

type RetryBudget = NonNullable<TrafficPolicy['retryBudget']>;

/** Unlimited, in Envoy's words: Istio replaces all of Envoy's own limits with it. */
const NO_LIMIT = 0xffff_ffff;

/**
 * Circuit breakers, timeouts and keepalive. A limit of 0 cannot be said: it means unset.
 *
 * @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, applyConnectionPool
 */
export function connectionPoolParts(
  mesh: MeshConfig,
  settings: ConnectionPoolSettings | undefined,
  retryBudget: RetryBudget | undefined,
): ConnectionPoolParts {
  const { tcp, http } = settings ?? {};
  const thresholds: CircuitBreakerThresholds = {
    maxConnections: tcp?.maxConnections || NO_LIMIT,
    maxPendingRequests: http?.http1MaxPendingRequests || NO_LIMIT,
    maxRequests: http?.http2MaxRequests || NO_LIMIT,
    maxRetries: http?.maxRetries || NO_LIMIT,
    ...(retryBudget === undefined ? {} : { retryBudget: retryBudgetThreshold(retryBudget) }),
  };
  return {
    connectTimeout: xdsDuration(tcp?.connectTimeout ?? mesh.connectTimeout),
    circuitBreakers: { thresholds: [thresholds] },
    upstreamConnectionOptions: tcpKeepalive([mesh.tcpKeepalive, tcp?.tcpKeepalive]),
    commonHttp: commonHttpOptions(settings),
    http2: http2Options(settings),
  };
}

function retryBudgetThreshold(
  budget: RetryBudget,
): NonNullable<CircuitBreakerThresholds['retryBudget']> {
  const percent = budget.percent ?? 20;
  return {
    budgetPercent: percent === 0 ? {} : { value: percent },
    ...(budget.budgetInterval === undefined
      ? {}
      : { budgetInterval: xdsDuration(budget.budgetInterval) }),
    minRetryConcurrency: budget.minRetryConcurrency || 3,
  };
}

/** The mesh's keepalive with the rule's fields laid over it. */
function tcpKeepalive(
  layers: readonly (TcpKeepalive | undefined)[],
): Cluster['upstreamConnectionOptions'] {
  const given = layers.filter((layer) => layer !== undefined);
  if (given.length === 0) return undefined;
  const keepalive: { [field: string]: number } = {};
  for (const { probes, time, interval } of given) {
    if (probes) keepalive['keepaliveProbes'] = probes;
    if (time !== undefined) keepalive['keepaliveTime'] = wholeSeconds(time);
    if (interval !== undefined) keepalive['keepaliveInterval'] = wholeSeconds(interval);
  }
  return { tcpKeepalive: keepalive };
}

function commonHttpOptions(
  settings: ConnectionPoolSettings | undefined,
): CommonHttpProtocolOptions | undefined {
  const { tcp, http } = settings ?? {};
  const idleTimeout = http?.idleTimeout ?? tcp?.idleTimeout;
  const options: CommonHttpProtocolOptions = {
    ...(idleTimeout === undefined ? {} : { idleTimeout: xdsDuration(idleTimeout) }),
    ...(http?.maxRequestsPerConnection
      ? { maxRequestsPerConnection: http.maxRequestsPerConnection }
      : {}),
    ...(tcp?.maxConnectionDuration === undefined
      ? {}
      : { maxConnectionDuration: xdsDuration(tcp.maxConnectionDuration) }),
  };
  const isAsked =
    Object.keys(options).length > 0 ||
    Boolean(http?.maxConcurrentStreams) ||
    http?.http2KeepAlive !== undefined;
  return isAsked ? options : undefined;
}

function http2Options(settings: ConnectionPoolSettings | undefined): Http2ProtocolOptions {
  const { maxConcurrentStreams, http2KeepAlive } = settings?.http ?? {};
  return {
    ...(maxConcurrentStreams ? { maxConcurrentStreams } : {}),
    ...(http2KeepAlive === undefined
      ? {}
      : {
          connectionKeepalive: {
            ...(http2KeepAlive.interval === undefined
              ? {}
              : { interval: xdsDuration(http2KeepAlive.interval) }),
            ...(http2KeepAlive.timeout === undefined
              ? {}
              : { timeout: xdsDuration(http2KeepAlive.timeout) }),
          },
        }),
  };
}
