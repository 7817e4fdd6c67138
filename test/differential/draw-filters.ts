import type { Random } from '#kernel/random.ts';
import { type Fields, maybe, pick } from './draw.ts';

const HTTP = 'type.googleapis.com/envoy.extensions.filters.http';
const FAULT = `${HTTP}.fault.v3.HTTPFault`;
const LOCAL_RATE_LIMIT = `${HTTP}.local_ratelimit.v3.LocalRateLimit`;

/** The filters of every case, without effect until a route says something for them. */
export const FILTERS: readonly Fields[] = [
  {
    name: 'envoy.filters.http.cors',
    typed_config: { '@type': `${HTTP}.cors.v3.Cors` },
  },
  {
    name: 'envoy.filters.http.local_ratelimit',
    typed_config: { '@type': LOCAL_RATE_LIMIT, stat_prefix: 'limit' },
  },
  { name: 'envoy.filters.http.fault', typed_config: { '@type': FAULT } },
];

/** What a route, or a virtual host, says for the filters; mostly nothing. */
export function filterFields(random: Random, share: number): Fields {
  const configs = {
    ...maybe(random, share, () => ({ 'envoy.filters.http.fault': faultOf(random) })),
    ...maybe(random, share * 0.6, () => ({
      'envoy.filters.http.local_ratelimit': localRateLimitOf(random),
    })),
    ...maybe(random, share * 0.6, () => ({ 'envoy.filters.http.cors': corsOf(random) })),
  };
  return Object.keys(configs).length === 0 ? {} : { typed_per_filter_config: configs };
}

function faultOf(random: Random): Fields {
  const percentage = { numerator: 100 };
  return pick<Fields>(
    random,
    [
      { abort: { http_status: pick(random, [500, 503, 418]), percentage } },
      { delay: { fixed_delay: '0.03s', percentage } },
      { delay: { fixed_delay: '0.03s', percentage }, abort: { http_status: 503, percentage } },
      {
        abort: { http_status: 503, percentage },
        headers: [{ name: 'x-kind', present_match: true }],
      },
      { abort: { grpc_status: 14, percentage } },
      { abort: { header_abort: {}, percentage } },
      { delay: { header_delay: {}, percentage } },
    ].map((fault) => ({ '@type': FAULT, ...fault })),
  );
}

/** Buckets that do not fill up again while the load runs. */
function localRateLimitOf(random: Random): Fields {
  const always = { default_value: { numerator: 100 } };
  const bucket = (): Fields => ({
    max_tokens: 1 + random.below(5),
    tokens_per_fill: 1,
    fill_interval: '3600s',
  });
  return {
    '@type': LOCAL_RATE_LIMIT,
    stat_prefix: 'limit',
    token_bucket: bucket(),
    filter_enabled: always,
    ...maybe(random, 0.85, () => ({ filter_enforced: always })),
    ...maybe(random, 0.2, () => ({ status: { code: pick(random, [503, 403, 200]) } })),
    ...maybe(random, 0.3, () => ({
      response_headers_to_add: [{ header: { key: 'x-case-limited', value: 'yes' } }],
    })),
    ...maybe(random, 0.4, () => ({
      rate_limits: [
        { actions: [{ request_headers: { header_name: 'x-kind', descriptor_key: 'kind' } }] },
      ],
      descriptors: [{ entries: [{ key: 'kind', value: 'k1' }], token_bucket: bucket() }],
      ...maybe(random, 0.5, () => ({ always_consume_default_token_bucket: false })),
    })),
    ...maybe(random, 0.15, () => ({ local_rate_limit_per_downstream_connection: true })),
  };
}

function corsOf(random: Random): Fields {
  return {
    '@type': `${HTTP}.cors.v3.CorsPolicy`,
    allow_origin_string_match: [{ exact: pick(random, ['http://a.test', 'http://b.test']) }],
    ...maybe(random, 0.7, () => ({ allow_methods: 'GET,PUT' })),
    ...maybe(random, 0.5, () => ({ allow_headers: pick(random, ['x-kind', '*']) })),
    ...maybe(random, 0.5, () => ({ max_age: '600' })),
    ...maybe(random, 0.3, () => ({ allow_credentials: true })),
    ...maybe(random, 0.3, () => ({ expose_headers: 'x-case-level' })),
    ...maybe(random, 0.3, () => ({ forward_not_matching_preflights: random.below(2) === 0 })),
  };
}
