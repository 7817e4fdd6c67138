import type { Random } from '#kernel/random.ts';
import type { RequestTemplate } from '#scenario/envoy-case/case-file.ts';
import { type Fields, maybe, pick } from './draw.ts';

export const FAULT = 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault';
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
    ...(shape.isHashed ? { hash_policy: [{ header: { header_name: 'x-user' } }] } : {}),
    ...(shape.hasSubsets ? { metadata_match: versionMatch(random) } : {}),
    ...maybe(random, 0.75, () => ({ retry_policy: retryPolicy(random) })),
    timeout: pick(random, ['0.27s', '0.45s']),
    ...maybe(random, 0.15, () => ({ prefix_rewrite: '/rewritten' })),
    ...maybe(random, 0.1, () => ({ host_rewrite_literal: 'rewritten.test' })),
    ...maybe(random, 0.1, () => ({ hedge_policy: { hedge_on_per_try_timeout: true } })),
  };
}

/**
 * Where the route leads: to one cluster, with copies to the other one or not, or to two by a number that
 * the request brings.
 */
export function destination(random: Random, { own, other }: RouteShape): Fields {
  if (other === undefined) return { cluster: own };
  if (random.below(2) === 0) {
    return { cluster: own, request_mirror_policies: [{ cluster: other }] };
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

/** Fields of the route, or of the virtual host, beside matches and action. */
export function routeFields(random: Random): Fields {
  return {
    ...maybe(random, 0.12, () => faultOf(random)),
    ...maybe(random, 0.25, () => mutations(random, 'r')),
  };
}

export function virtualHostFields(random: Random): Fields {
  return {
    ...maybe(random, 0.2, () => mutations(random, 'v')),
    ...maybe(random, 0.1, () => ({ retry_policy: retryPolicy(random) })),
    ...maybe(random, 0.05, () => faultOf(random)),
  };
}

/** Changes of response headers; those that other levels make as well show in which order they come. */
function mutations(random: Random, value: string): Fields {
  const append_action = pick(random, [
    'APPEND_IF_EXISTS_OR_ADD',
    'ADD_IF_ABSENT',
    'OVERWRITE_IF_EXISTS_OR_ADD',
    'OVERWRITE_IF_EXISTS',
  ]);
  return {
    response_headers_to_add: [{ header: { key: 'x-case-level', value }, append_action }],
    ...maybe(random, 0.2, () => ({ response_headers_to_remove: ['x-case-level'] })),
    ...maybe(random, 0.3, () => ({
      request_headers_to_add: [{ header: { key: 'x-case-sent', value }, append_action }],
    })),
  };
}

/** Routes before the main one, that some of the requests take. */
export function earlierRoutes(random: Random, own: string): readonly Fields[] {
  if (random.below(4) > 0) return [];
  const match = pick<Fields>(random, [
    { prefix: '/special' },
    { prefix: '/', headers: [{ name: 'x-kind', string_match: { exact: 'k1' } }] },
    { prefix: '/', headers: [{ name: 'x-kind', present_match: true, invert_match: true }] },
    { prefix: '/', query_parameters: [{ name: 'q', string_match: { prefix: '1' } }] },
    { path_separated_prefix: '/special' },
    { safe_regex: { regex: '/sp[a-z]+' } },
    { path: '/SPECIAL', case_sensitive: false },
  ]);
  const rest = pick<Fields>(random, [
    { redirect: { path_redirect: '/there', response_code: 'FOUND' } },
    { redirect: { host_redirect: 'else.test', strip_query: true } },
    { redirect: { prefix_rewrite: '/x', https_redirect: true } },
    { direct_response: { status: 418, body: { inline_string: 'teapot' } } },
    { direct_response: { status: 503 } },
    { route: { cluster: own, prefix_rewrite: '/other', timeout: '0.27s' } },
    { route: { cluster: 'nowhere' } },
  ]);
  return [{ match, ...rest, ...maybe(random, 0.3, () => mutations(random, 'e')) }];
}

/** The requests that are sent in turn. */
export function templates(random: Random, name: string, hasEarlier: boolean): RequestTemplate[] {
  const own = { name, host: `${name}.test`, path: '/' };
  const draw = String(random.below(100));
  const headers = { 'x-user': 'u{i}', 'x-draw': draw };
  const plain = { ...own, headers };
  const second = { ...own, headers: { ...headers, 'x-draw': String(random.below(100)) } };
  if (!hasEarlier) return [plain, second];
  return [
    { ...plain, headers: { ...headers, 'x-kind': 'k1' } },
    { ...second, path: '/special?q=12' },
    { ...plain, path: '/specials' },
    { ...plain, path: '/special' },
  ];
}

function versionMatch(random: Random): Fields {
  const version = pick(random, ['v1', 'v2', 'v2', 'v3']);
  return { filter_metadata: { 'envoy.lb': { version } } };
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
  ];
  const chosen = conditions.filter(() => random.below(3) === 0);
  return {
    retry_on: chosen.length === 0 ? '5xx' : chosen.join(','),
    num_retries: random.below(4),
    retry_back_off: { base_interval: '0.002s', max_interval: '0.004s' },
    ...maybe(random, 0.4, () => ({ per_try_timeout: '0.15s' })),
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

function faultOf(random: Random): Fields {
  const percentage = { numerator: 100 };
  const fault = pick<Fields>(random, [
    { abort: { http_status: pick(random, [500, 503, 418]), percentage } },
    { delay: { fixed_delay: '0.03s', percentage } },
    { delay: { fixed_delay: '0.03s', percentage }, abort: { http_status: 503, percentage } },
    { abort: { http_status: 503, percentage }, headers: [{ name: 'x-kind', present_match: true }] },
  ]);
  return { typed_per_filter_config: { 'envoy.filters.http.fault': { '@type': FAULT, ...fault } } };
}
