import { type Random, randomStream } from '#kernel/random.ts';
import type {
  BackendBehaviour,
  CaseCluster,
  CaseEndpoint,
  CaseJudgement,
  CaseLoad,
  EnvoyCase,
} from '#scenario/envoy-case/case-file.ts';

/**
 * One small random configuration with its load: a cluster, a route, some requests. Only such settings
 * are drawn whose outcome Envoy decides without chance, or with few outcomes that several seeds of
 * the engine reach; and times far enough apart that a busy machine does not change the order of events.
 */
export interface SubCase {
  readonly name: string;
  readonly hosts: readonly BackendBehaviour[];
  /** Fields of the Envoy cluster. */
  readonly cluster: Readonly<Record<string, unknown>>;
  /** Fields of the route action. */
  readonly action: Readonly<Record<string, unknown>>;
  /** Fields of the route beside its action. */
  readonly route: Readonly<Record<string, unknown>>;
  readonly load: {
    readonly kind: 'sequential' | 'burst';
    readonly n: number;
    readonly pauseMs: number;
  };
}

export const SUB_CASES_PER_RUN = 24;
const FIRST_PORT = 25_001;

/** Sub-case number `index` of a seed: the same two numbers always give the same sub-case. */
export function subCase(seed: number, index: number): SubCase {
  const random = randomStream(seed, `differential/${index}`);
  const balancer = pick(random, ['ROUND_ROBIN', 'ROUND_ROBIN', 'RING_HASH', 'MAGLEV']);
  const hosts = Array.from({ length: 1 + random.below(4) }, () => behaviour(random));
  const isHashed = balancer !== 'ROUND_ROBIN';
  return {
    name: `s${index}`,
    hosts,
    cluster: {
      lb_policy: balancer,
      ...(balancer === 'MAGLEV' ? { maglev_lb_config: { table_size: 251 } } : {}),
      ...(balancer === 'RING_HASH' ? { ring_hash_lb_config: { minimum_ring_size: 64 } } : {}),
      ...maybe(random, 0.4, () => ({ circuit_breakers: { thresholds: [thresholds(random)] } })),
      ...maybe(random, 0.4, () => ({ outlier_detection: outlierDetection(random) })),
      ...maybe(random, 0.4, () => ({ common_lb_config: panicThreshold(random) })),
      ...maybe(random, 0.2, () => connectionOptions(random)),
    },
    action: {
      ...(isHashed ? { hash_policy: [{ header: { header_name: 'x-user' } }] } : {}),
      ...maybe(random, 0.75, () => ({ retry_policy: retryPolicy(random) })),
      ...maybe(random, 0.5, () => ({ timeout: pick(random, ['0.25s', '0.4s']) })),
      ...maybe(random, 0.15, () => ({ prefix_rewrite: '/rewritten' })),
    },
    route: {
      ...maybe(random, 0.12, () => faultOf(random)),
      ...maybe(random, 0.2, () => ({
        response_headers_to_add: [{ header: { key: 'x-case-route', value: 'r' } }],
      })),
    },
    load: loadOf(random),
  };
}

/** The case that holds all given sub-cases, each with a virtual host, clusters and load of its own. */
export function caseOf(subCases: readonly SubCase[]): EnvoyCase {
  let port = FIRST_PORT;
  const clusters = subCases.map((it): CaseCluster => {
    const endpoints = it.hosts.map((behaviour, index): CaseEndpoint => {
      const address = `127.0.0.1:${port++}`;
      return { id: `${it.name}-${index + 1}`, address, behaviour };
    });
    return { name: it.name, ...it.cluster, endpoints };
  });
  return {
    title: `${subCases.length} random configurations`,
    clusters,
    route_config: { virtual_hosts: subCases.map(virtualHostOf) },
    http_filters: [
      {
        name: 'envoy.filters.http.fault',
        typed_config: { '@type': FAULT },
      },
    ],
    load: subCases.map(loadStepOf),
    judge: subCases.flatMap(judgementsOf),
    after_ms: 100,
  };
}

const FAULT = 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault';
const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

function virtualHostOf(it: SubCase): unknown {
  return {
    name: it.name,
    domains: [`${it.name}.test`],
    include_request_attempt_count: true,
    routes: [{ match: { prefix: '/' }, ...it.route, route: { cluster: it.name, ...it.action } }],
  };
}

function loadStepOf(it: SubCase): CaseLoad {
  const template = {
    name: it.name,
    host: `${it.name}.test`,
    path: '/',
    headers: { 'x-user': 'u{i}' },
  };
  const { kind, n, pauseMs } = it.load;
  if (kind === 'burst') return { kind, n, stagger_ms: pauseMs, requests: [template] };
  return { kind, n, gap_ms: pauseMs, requests: [template] };
}

const COUNTERS = [
  'upstream_rq_total',
  'upstream_rq_retry',
  'upstream_rq_retry_success',
  'upstream_rq_retry_overflow',
  'upstream_rq_retry_limit_exceeded',
  'upstream_rq_pending_overflow',
  'upstream_rq_active_overflow',
  'upstream_rq_timeout',
  'upstream_rq_per_try_timeout',
  'upstream_rq_200',
  'upstream_rq_503',
  'upstream_rq_504',
  'upstream_cx_connect_fail',
  'outlier_detection.ejections_enforced_total',
  'outlier_detection.ejections_overflow',
  'lb_healthy_panic',
];

function judgementsOf(it: SubCase): CaseJudgement[] {
  return [
    { measure: `named/${it.name}/sequence/status_flags`, kind: 'one_of' },
    { measure: `named/${it.name}/sequence/tried`, kind: 'one_of' },
    { measure: `by_name/${it.name}`, kind: 'one_of' },
    {
      measure: 'stats',
      kind: 'one_of',
      only: COUNTERS.map((counter) => `cluster.${it.name}.${counter}`),
    },
  ];
}

function behaviour(random: Random): BackendBehaviour {
  const failure = pick<BackendBehaviour>(random, [
    { status: 503 },
    { status: 503, body: '' },
    { status: 500, body: '' },
    { status: 404, body: '' },
    { action: 'reset' },
    { action: 'close' },
    { action: 'hang' },
    { connect: 'refuse' },
  ]);
  switch (random.below(5)) {
    case 0:
      return failure;
    case 1: {
      if (failure.connect !== undefined) return failure;
      const when = pick(random, [{ every: 2 }, { every: 3 }, { first: 2 }, { after: 3 }]);
      // biome-ignore lint/suspicious/noThenProperty: the case format's own word; never awaited.
      return { rules: [{ when, then: failure }] };
    }
    case 2:
      return { latency_ms: 60 };
    default:
      return {};
  }
}

function retryPolicy(random: Random): unknown {
  const conditions = ['5xx', 'gateway-error', 'reset', 'connect-failure', 'retriable-status-codes'];
  const chosen = conditions.filter(() => random.below(3) === 0);
  return {
    retry_on: chosen.length === 0 ? '5xx' : chosen.join(','),
    num_retries: random.below(4),
    retry_back_off: { base_interval: '0.002s', max_interval: '0.004s' },
    ...maybe(random, 0.4, () => ({ per_try_timeout: '0.15s' })),
    ...maybe(random, 0.4, () => ({ retriable_status_codes: [pick(random, [404, 500, 503])] })),
    ...maybe(random, 0.4, () => ({
      retry_host_predicate: [
        {
          name: 'envoy.retry_host_predicates.previous_hosts',
          typed_config: {
            '@type':
              'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
          },
        },
      ],
      host_selection_retry_max_attempts: pick(random, [1, 3, 5]),
    })),
  };
}

function thresholds(random: Random): unknown {
  return {
    ...maybe(random, 0.4, () => ({ max_retries: random.below(2) })),
    ...maybe(random, 0.5, () => ({ max_connections: 1 + random.below(2) })),
    ...maybe(random, 0.5, () => ({ max_pending_requests: random.below(3) })),
    ...maybe(random, 0.2, () => ({ max_requests: 1 + random.below(2) })),
  };
}

function outlierDetection(random: Random): unknown {
  return {
    interval: '60s',
    base_ejection_time: '60s',
    enforcing_success_rate: 0,
    consecutive_5xx: 1 + random.below(4),
    max_ejection_percent: pick(random, [10, 34, 50, 100]),
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

function panicThreshold(random: Random): unknown {
  return { healthy_panic_threshold: { value: pick(random, [0, 0, 34, 50]) } };
}

function connectionOptions(random: Random): Record<string, unknown> {
  const options = {
    '@type': `type.googleapis.com/${HTTP_OPTIONS}`,
    common_http_protocol_options: { max_requests_per_connection: 1 + random.below(3) },
    explicit_http_config: { http_protocol_options: {} },
  };
  return { typed_extension_protocol_options: { [HTTP_OPTIONS]: options } };
}

function faultOf(random: Random): Record<string, unknown> {
  const percentage = { numerator: 100 };
  const fault = pick<Record<string, unknown>>(random, [
    { abort: { http_status: pick(random, [500, 503, 418]), percentage } },
    { delay: { fixed_delay: '0.03s', percentage } },
    { delay: { fixed_delay: '0.03s', percentage }, abort: { http_status: 503, percentage } },
  ]);
  return { typed_per_filter_config: { 'envoy.filters.http.fault': { '@type': FAULT, ...fault } } };
}

function loadOf(random: Random): SubCase['load'] {
  if (random.below(4) === 0) return { kind: 'burst', n: 2 + random.below(4), pauseMs: 15 };
  return { kind: 'sequential', n: 3 + random.below(6), pauseMs: 6 };
}

function maybe<T extends object>(random: Random, share: number, make: () => T): T | object {
  return random.uniform() < share ? make() : {};
}

function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[random.below(from.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
}
