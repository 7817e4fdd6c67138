import type { Random } from '#kernel/random.ts';
import { type Fields, maybe, pick } from './draw.ts';

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

export type Balancer = 'ROUND_ROBIN' | 'LEAST_REQUEST' | 'RANDOM' | 'RING_HASH' | 'MAGLEV';

export const isHashing = (balancer: Balancer): boolean =>
  balancer === 'RING_HASH' || balancer === 'MAGLEV';

/** Chance picks the host. */
export const isRandom = (balancer: Balancer): boolean =>
  balancer === 'LEAST_REQUEST' || balancer === 'RANDOM';

export interface ClusterShape {
  readonly balancer: Balancer;
  readonly isHttp2: boolean;
  readonly hasPriorities: boolean;
  /** Connections lie idle between requests. */
  readonly isSlow: boolean;
}

/** Fields of a cluster: its balancer, limits, outlier detection and connections. */
export function clusterFields(random: Random, shape: ClusterShape): Fields {
  const { balancer, hasPriorities } = shape;
  // What outlier detection does after a random pick, of a host or of a priority, is random.
  const ejects = !isRandom(balancer) && (isHashing(balancer) || !hasPriorities);
  return {
    lb_policy: balancer,
    connect_timeout: '0.09s',
    ...(balancer === 'MAGLEV' ? { maglev_lb_config: { table_size: 251 } } : {}),
    ...(balancer === 'RING_HASH' ? { ring_hash_lb_config: ringFields(random) } : {}),
    ...maybe(random, 0.4, () => ({ circuit_breakers: circuitBreakers(random) })),
    ...maybe(random, ejects ? 0.4 : 0, () => ({ outlier_detection: outlierDetection(random) })),
    ...maybe(random, 0.4, () => ({ common_lb_config: commonOptions(random, balancer) })),
    ...connectionOptions(random, shape),
  };
}

function ringFields(random: Random): Fields {
  return {
    minimum_ring_size: 64,
    ...maybe(random, 0.3, () => ({ hash_function: 'MURMUR_HASH_2' })),
    ...maybe(random, 0.2, () => ({ maximum_ring_size: 100 })),
  };
}

function circuitBreakers(random: Random): Fields {
  return {
    thresholds: [
      thresholds(random),
      ...(random.below(4) === 0 ? [{ priority: 'HIGH', ...thresholds(random) }] : []),
    ],
    ...maybe(random, 0.1, () => ({ per_host_thresholds: [{ max_connections: 1 }] })),
  };
}

function thresholds(random: Random): Fields {
  return {
    ...maybe(random, 0.4, () => ({ max_retries: random.below(2) })),
    ...maybe(random, 0.5, () => ({ max_connections: 1 + random.below(2) })),
    ...maybe(random, 0.5, () => ({ max_pending_requests: random.below(3) })),
    ...maybe(random, 0.2, () => ({ max_requests: 1 + random.below(2) })),
    ...maybe(random, 0.2, () => ({
      retry_budget: {
        budget_percent: { value: pick(random, [20, 50, 100]) },
        min_retry_concurrency: random.below(2),
      },
    })),
  };
}

function outlierDetection(random: Random): Fields {
  return {
    interval: '60s',
    base_ejection_time: '60s',
    enforcing_success_rate: 0,
    consecutive_5xx: 1 + random.below(4),
    max_ejection_percent: pick(random, [10, 34, 50, 100]),
    ...maybe(random, 0.15, () => ({ always_eject_one_host: true })),
    ...maybe(random, 0.3, () => ({
      consecutive_gateway_failure: 1 + random.below(3),
      enforcing_consecutive_gateway_failure: 100,
    })),
    ...maybe(random, 0.3, () => ({
      split_external_local_origin_errors: true,
      consecutive_local_origin_failure: 1 + random.below(3),
    })),
  };
}

function commonOptions(random: Random, balancer: Balancer): Fields {
  return {
    healthy_panic_threshold: { value: pick(random, [0, 0, 34, 50]) },
    ...maybe(random, 0.15, () => ({
      zone_aware_lb_config: { fail_traffic_on_panic: true },
    })),
    ...maybe(random, 0.1, () => ({ close_connections_on_host_set_change: true })),
    ...maybe(random, isHashing(balancer) ? 0.2 : 0, () => ({
      consistent_hashing_lb_config: { hash_balance_factor: pick(random, [100, 150]) },
    })),
  };
}

function connectionOptions(random: Random, { isHttp2, isSlow }: ClusterShape): Fields {
  const common = {
    ...maybe(random, 0.2, () => ({ max_requests_per_connection: 1 + random.below(3) })),
    ...maybe(random, isSlow ? 0.6 : 0, () => ({ idle_timeout: '0.05s' })),
    ...maybe(random, 0.05, () => ({ max_stream_duration: '0.13s' })),
  };
  if (!isHttp2 && Object.keys(common).length === 0) return {};
  const explicit = isHttp2
    ? {
        http2_protocol_options: maybe(random, 0.5, () => ({
          max_concurrent_streams: 1 + random.below(3),
        })),
      }
    : { http_protocol_options: {} };
  const options = {
    '@type': `type.googleapis.com/${HTTP_OPTIONS}`,
    common_http_protocol_options: common,
    explicit_http_config: explicit,
  };
  return { typed_extension_protocol_options: { [HTTP_OPTIONS]: options } };
}

/** Subsets by version, or by version and stage, with one of the fallbacks. */
export function subsetFields(random: Random): Fields {
  const fallback = pick<Fields>(random, [
    {},
    {},
    { fallback_policy: 'NO_FALLBACK' },
    { fallback_policy: 'ANY_ENDPOINT' },
    { fallback_policy: 'DEFAULT_SUBSET' },
  ]);
  const both = {
    keys: ['version', 'stage'],
    ...maybe(random, 0.6, () => ({
      fallback_policy: 'KEYS_SUBSET',
      fallback_keys_subset: ['version'],
    })),
  };
  return {
    lb_subset_config: {
      subset_selectors: [{ keys: ['version'], ...fallback }, both],
      ...pick<Fields>(random, [
        { fallback_policy: 'NO_FALLBACK' },
        { fallback_policy: 'ANY_ENDPOINT' },
        { fallback_policy: 'DEFAULT_SUBSET', default_subset: { version: 'v2' } },
      ]),
      ...maybe(random, 0.2, () => ({ panic_mode_any: true })),
    },
  };
}
