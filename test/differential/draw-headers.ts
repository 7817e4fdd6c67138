import type { Random } from '#kernel/random.ts';
import { type Fields, maybe, pick } from './draw.ts';

const ACTIONS = [
  'APPEND_IF_EXISTS_OR_ADD',
  'ADD_IF_ABSENT',
  'OVERWRITE_IF_EXISTS_OR_ADD',
  'OVERWRITE_IF_EXISTS',
];
/** Of the request or of its route alone. */
const FORMATS = [
  '%REQ(x-kind)%',
  '%REQ(x-absent?x-draw)%',
  '%REQ(:METHOD):2%-%PROTOCOL%',
  '%REQ(:PATH)%',
  '%ROUTE_NAME%',
  '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
  '%UPSTREAM_CLUSTER%',
  '%RESPONSE_CODE%',
  '%RESPONSE_FLAGS%',
  '%VIRTUAL_CLUSTER_NAME%',
  '100%%',
];

/** Changes of headers; those that other levels make as well show in which order they come. */
export function mutations(random: Random, value: string): Fields {
  const addition = (key: string): Fields => ({
    header: { key, value: random.below(3) === 0 ? pick(random, FORMATS) : value },
    append_action: pick(random, ACTIONS),
    ...maybe(random, 0.1, () => ({ keep_empty_value: true })),
  });
  return {
    response_headers_to_add: [
      addition('x-case-level'),
      ...(random.below(4) === 0 ? [addition('x-case-level')] : []),
    ],
    ...maybe(random, 0.2, () => ({ response_headers_to_remove: ['x-case-level'] })),
    ...maybe(random, 0.4, () => ({ request_headers_to_add: [addition('x-case-sent')] })),
    ...maybe(random, 0.15, () => ({
      request_headers_to_remove: [pick(random, ['x-case-sent', 'x-kind'])],
    })),
  };
}

/** How a route changes path and host of what it sends on. */
export function rewrites(random: Random): Fields {
  return {
    ...maybe(random, 0.3, () =>
      pick<Fields>(random, [
        { prefix_rewrite: '/rewritten' },
        { prefix_rewrite: '/' },
        {
          regex_rewrite: {
            pattern: { regex: '/(s[a-z]*)' },
            substitution: '/x-\\1/\\0',
          },
        },
        { regex_rewrite: { pattern: { regex: 'a' }, substitution: 'bb' } },
      ]),
    ),
    ...maybe(random, 0.25, () =>
      pick<Fields>(random, [
        { host_rewrite_literal: 'rewritten.test' },
        { host_rewrite_header: 'x-kind' },
        {
          host_rewrite_path_regex: {
            pattern: { regex: '^/([a-z]*).*' },
            substitution: '\\1.test',
          },
        },
        { host_rewrite_literal: 'rewritten.test', append_x_forwarded_host: true },
      ]),
    ),
  };
}

/** A redirect or a reply of the proxy's own. */
export function ownReply(random: Random): Fields {
  return pick<Fields>(random, [
    { redirect: { path_redirect: '/there', response_code: 'FOUND' } },
    { redirect: { path_redirect: '/there?own=1' } },
    { redirect: { host_redirect: 'else.test', strip_query: true } },
    { redirect: { prefix_rewrite: '/x', https_redirect: true } },
    { redirect: { port_redirect: 8443, scheme_redirect: 'https', response_code: 'SEE_OTHER' } },
    {
      redirect: {
        regex_rewrite: { pattern: { regex: 'sp' }, substitution: '<\\0>' },
        response_code: 'TEMPORARY_REDIRECT',
      },
    },
    { redirect: { host_redirect: 'else.test:81', response_code: 'PERMANENT_REDIRECT' } },
    { direct_response: { status: 418, body: { inline_string: 'teapot' } } },
    { direct_response: { status: 503 } },
    { direct_response: { status: 204 } },
  ]);
}
