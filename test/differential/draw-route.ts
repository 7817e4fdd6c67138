import type { Random } from '#kernel/random.ts';
import type { RequestTemplate } from '#scenario/envoy-case/case-file.ts';
import { type Fields, maybe, pick } from './draw.ts';
import { filterFields } from './draw-filters.ts';
import { mutations, ownReply, rewrites } from './draw-headers.ts';

const PREVIOUS_HOSTS =
  'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate';

/** What of the rest of the sub-case the route may name. */
export interface RouteShape {
  readonly isHashed: boolean;
  readonly hasSubsets: boolean;
  /** The other cluster, if there is one. */
  readonly other: string | undefined;
  readonly own: string;
}

/** Fields of the route action beside where it leads. */
export function actionFields(random: Random, shape: RouteShape): Fields {
  return {
    ...(shape.isHashed ? { hash_policy: hashPolicies(random) } : {}),
    ...(shape.hasSubsets ? { metadata_match: versionMatch(random) } : {}),
    ...maybe(random, 0.75, () => ({ retry_policy: retryPolicy(random) })),
    timeout: pick(random, ['0.35s', '0.6s']),
    ...rewrites(random),
    ...maybe(random, 0.1, () => ({ hedge_policy: { hedge_on_per_try_timeout: true } })),
    ...maybe(random, 0.1, () => ({ priority: 'HIGH' })),
    ...maybe(random, 0.05, () => ({ idle_timeout: '0.19s' })),
    ...maybe(random, 0.08, () => ({ max_stream_duration: streamDuration(random) })),
    ...maybe(random, 0.12, () => ({ internal_redirect_policy: internalRedirects(random) })),
  };
}

/**
 * Where the route leads: to one cluster, with copies to the other one or not, or to two by a number that
 * the request brings.
 */
export function destination(random: Random, { own, other }: RouteShape): Fields {
  if (other === undefined) {
    return random.below(12) === 0 ? { cluster_header: 'x-cluster' } : { cluster: own };
  }
  if (random.below(2) === 0) {
    const share = random.below(5) === 0 ? { runtime_fraction: fraction(random) } : {};
    return { cluster: own, request_mirror_policies: [{ cluster: other, ...share }] };
  }
  const weighted = (name: string, weight: number): Fields => ({
    name,
    weight,
    ...maybe(random, 0.5, () => mutations(random, name)),
  });
  const share = pick(random, [20, 50, 80]);
  return {
    weighted_clusters: {
      clusters: [weighted(own, share), weighted(other, 100 - share)],
      header_name: 'x-draw',
    },
  };
}

/** None or all. */
function fraction(random: Random): Fields {
  return { default_value: { numerator: pick(random, [0, 100]) } };
}

function internalRedirects(random: Random): Fields {
  return {
    ...maybe(random, 0.5, () => ({ max_internal_redirects: random.below(3) })),
    ...maybe(random, 0.3, () => ({ redirect_response_codes: [302, 303] })),
  };
}

/** Fields of the route, or of the virtual host, beside matches and action. */
export function routeFields(random: Random): Fields {
  return {
    ...filterFields(random, 0.14),
    ...maybe(random, 0.25, () => mutations(random, 'r')),
  };
}

export function virtualHostFields(random: Random): Fields {
  return {
    ...maybe(random, 0.2, () => mutations(random, 'v')),
    ...maybe(random, 0.1, () => ({ retry_policy: retryPolicy(random) })),
    ...filterFields(random, 0.05),
    ...maybe(random, 0.1, () => ({ include_attempt_count_in_response: true })),
    ...maybe(random, 0.05, () => ({ include_is_timeout_retry_header: true })),
    ...maybe(random, 0.04, () => ({ require_tls: pick(random, ['ALL', 'EXTERNAL_ONLY']) })),
  };
}

/** Routes before the main one, that some of the requests take. */
export function earlierRoutes(random: Random, { own, isHashed }: RouteShape): readonly Fields[] {
  if (random.below(4) > 0) return [];
  const match = pick<Fields>(random, [
    { prefix: '/special' },
    { prefix: '/', headers: [{ name: 'x-kind', string_match: { exact: 'k1' } }] },
    { prefix: '/', headers: [{ name: 'x-kind', present_match: true, invert_match: true }] },
    { prefix: '/', query_parameters: [{ name: 'q', string_match: { prefix: '1' } }] },
    { path_separated_prefix: '/special' },
    { safe_regex: { regex: '/sp[a-z]+' } },
    { path: '/SPECIAL', case_sensitive: false },
    {
      prefix: '/',
      headers: [{ name: 'x-kind', string_match: { exact: 'k1' }, invert_match: true }],
    },
    {
      prefix: '/',
      headers: [
        {
          name: 'x-kind',
          string_match: { exact: 'k1' },
          invert_match: true,
          treat_missing_header_as_empty: true,
        },
      ],
    },
    { prefix: '/', headers: [{ name: 'x-draw', range_match: { start: 10, end: 60 } }] },
    { prefix: '/', headers: [{ name: ':method', string_match: { exact: 'POST' } }] },
    { prefix: '/', query_parameters: [{ name: 'q', present_match: true }] },
    { prefix: '/spec', case_sensitive: true, grpc: {} },
    {
      prefix: '/',
      headers: [{ name: 'x-kind', string_match: { suffix: '1', ignore_case: true } }],
    },
    { prefix: '/spec', runtime_fraction: fraction(random) },
    { prefix: '/a/b' },
    { path: '/a/b' },
  ]);
  // Without a hash the host would be random.
  const hash = isHashed ? { hash_policy: [{ header: { header_name: 'x-user' } }] } : {};
  const rest =
    random.below(3) > 0
      ? ownReply(random)
      : pick<Fields>(random, [
          { route: { cluster: own, ...hash, prefix_rewrite: '/other', timeout: '0.35s' } },
          { route: { cluster: own, ...hash, timeout: '0.35s', ...rewrites(random) } },
          { route: { cluster: 'nowhere' } },
          {
            route: { cluster: 'nowhere', cluster_not_found_response_code: 'NOT_FOUND' },
          },
        ]);
  return [{ match, ...rest, ...maybe(random, 0.3, () => mutations(random, 'e')) }];
}

const ODD_PATHS = ['/a//b', '/a/../b', '/a%2fb', '/a/b?x=%2F//', '/./a/b', '/a/b#c', '//a', '/%41'];

/** The requests that are sent in turn. */
export function templates(random: Random, name: string, hasEarlier: boolean): RequestTemplate[] {
  const own = { name, host: `${name}.test`, path: '/', client_timeout_ms: 4000 };
  const draw = String(random.below(100));
  const headers = {
    'x-user': 'u{i}',
    'x-draw': draw,
    'x-cluster': name,
    ...maybe(random, 0.15, () => privateHeaders(random)),
    ...maybe(random, 0.08, () => ({ 'content-type': 'application/grpc' })),
    ...maybe(random, 0.1, () => ({ origin: 'http://a.test' })),
    ...maybe(random, 0.1, () => ({ cookie: 'tag=c{i%3}' })),
    ...maybe(random, 0.1, () => ({ 'x-envoy-fault-abort-request': '503' })),
  };
  const plain = {
    ...own,
    headers,
    ...maybe(random, 0.1, () => ({ method: 'POST', body: 'text' })),
  };
  const second = {
    ...own,
    ...maybe(random, 0.1, () => ({
      host: pick(random, [`${name}.test:8080`, `${name.toUpperCase()}.test`]),
    })),
    ...maybe(random, 0.15, () => ({ path: pick(random, ODD_PATHS) })),
    ...maybe(random, 0.1, () => ({ method: pick(random, ['HEAD', 'PUT', 'DELETE']) })),
    headers: { ...headers, 'x-draw': String(random.below(100)) },
  };
  if (!hasEarlier) return [plain, second];
  return [
    { ...plain, headers: { ...headers, 'x-kind': 'k1' } },
    { ...second, path: '/special?q=12' },
    { ...plain, path: '/specials' },
    { ...plain, path: '/special' },
    ...(random.below(8) === 0 ? [preflight(own, headers)] : []),
  ];
}

/** Headers that Envoy heeds in requests from inside alone; `x-forwarded-for` says where from. */
function privateHeaders(random: Random): Readonly<Record<string, string>> {
  return {
    'x-forwarded-for': pick(random, ['10.0.0.7', '10.0.0.7', '8.8.8.8', '10.0.0.7, 10.0.0.8']),
    ...maybe(random, 0.4, () => ({ 'x-envoy-retry-on': pick(random, ['5xx', 'reset,4xx']) })),
    ...maybe(random, 0.4, () => ({ 'x-envoy-max-retries': String(random.below(3)) })),
    ...maybe(random, 0.2, () => ({ 'x-envoy-upstream-rq-timeout-ms': '300' })),
    ...maybe(random, 0.2, () => ({ 'x-envoy-upstream-rq-per-try-timeout-ms': '140' })),
    ...maybe(random, 0.15, () => ({ 'x-envoy-upstream-rq-timeout-alt-response': '1' })),
    ...maybe(random, 0.2, () => ({ 'x-envoy-retriable-status-codes': '404' })),
    ...maybe(random, 0.15, () => ({ 'x-envoy-hedge-on-per-try-timeout': 'true' })),
    ...maybe(random, 0.1, () => ({ 'x-envoy-upstream-stream-duration-ms': '160' })),
  };
}

function preflight(own: RequestTemplate, headers: Readonly<Record<string, string>>) {
  return {
    ...own,
    method: 'OPTIONS',
    headers: { ...headers, origin: 'http://a.test', 'access-control-request-method': 'PUT' },
  };
}

/** Each request has a hash: chance would choose a host otherwise. */
function hashPolicies(random: Random): readonly Fields[] {
  const user = { header: { header_name: 'x-user' } };
  return pick<readonly Fields[]>(random, [
    [user],
    [user],
    [user, { cookie: { name: 'tag' } }],
    [{ query_parameter: { name: 'q' }, terminal: true }, user],
    [{ ...user, terminal: true }, { connection_properties: { source_ip: true } }],
    [
      {
        header: {
          header_name: 'x-user',
          regex_rewrite: { pattern: { regex: 'u([0-9])' }, substitution: '\\1' },
        },
      },
    ],
  ]);
}

function streamDuration(random: Random): Fields {
  return pick<Fields>(random, [
    { max_stream_duration: '0.16s' },
    { max_stream_duration: '0s' },
    { grpc_timeout_header_max: '0.16s' },
  ]);
}

function versionMatch(random: Random): Fields {
  const version = pick(random, ['v1', 'v2', 'v2', 'v3']);
  const stage = maybe(random, 0.4, () => ({ stage: pick(random, ['a', 'b', 'c']) }));
  return { filter_metadata: { 'envoy.lb': { version, ...stage } } };
}

function retryPolicy(random: Random): Fields {
  const conditions = [
    '5xx',
    'gateway-error',
    'reset',
    'connect-failure',
    'retriable-status-codes',
    'refused-stream',
    'retriable-4xx',
    'reset-before-request',
    'retriable-headers',
    'unavailable,resource-exhausted',
    'cancelled',
  ];
  const chosen = conditions.filter(() => random.below(3) === 0);
  return {
    retry_on: chosen.length === 0 ? '5xx' : chosen.join(','),
    num_retries: random.below(4),
    retry_back_off: { base_interval: '0.002s', max_interval: '0.004s' },
    ...maybe(random, 0.4, () => ({ per_try_timeout: '0.15s' })),
    ...maybe(random, 0.08, () => ({ per_try_idle_timeout: '0.17s' })),
    ...maybe(random, 0.1, () => ({
      retriable_headers: [{ name: 'x-again', present_match: true }],
    })),
    ...maybe(random, 0.06, () => ({
      retriable_request_headers: [{ name: 'x-kind', present_match: true }],
    })),
    ...maybe(random, 0.06, () => ({
      rate_limited_retry_back_off: { reset_headers: [{ name: 'retry-after', format: 'SECONDS' }] },
    })),
    ...maybe(random, 0.4, () => ({ retriable_status_codes: [pick(random, [404, 500, 503])] })),
    ...maybe(random, 0.1, () => ({ retry_priority: previousPriorities() })),
    ...maybe(random, 0.4, () => ({
      retry_host_predicate: [
        {
          name: 'envoy.retry_host_predicates.previous_hosts',
          typed_config: { '@type': PREVIOUS_HOSTS },
        },
      ],
      host_selection_retry_max_attempts: pick(random, [1, 3, 5]),
    })),
  };
}

function previousPriorities(): Fields {
  return {
    name: 'envoy.retry_priorities.previous_priorities',
    typed_config: {
      '@type':
        'type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
      update_frequency: 1,
    },
  };
}
