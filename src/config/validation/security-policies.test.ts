import { describe, expect, it } from 'vitest';
import { validateDocuments } from './validate.ts';

const answer = (group: string, kind: string, spec: string) => {
  const version = group === 'networking' ? 'v1alpha3' : group === 'security' ? 'v1' : 'v1alpha1';
  return validateDocuments(
    `apiVersion: ${group}.istio.io/${version}\nkind: ${kind}\nmetadata: {name: x, namespace: shop}\nspec: ${spec}\n`,
  )[0]!;
};
const refusal = (group: string, kind: string, spec: string) =>
  answer(group, kind, spec).webhook.error?.replace('configuration is invalid: ', '') ?? 'allowed';
const policy = (spec: string) => refusal('security', 'AuthorizationPolicy', spec);
const from = (source: string) => policy(`{rules: [{from: [{source: ${source}}]}]}`);
const to = (operation: string) => policy(`{rules: [{to: [{operation: ${operation}}]}]}`);
const when = (condition: string) => policy(`{rules: [{when: [${condition}]}]}`);

const INVALID = 'invalid policy x.shop: ';

describe('an AuthorizationPolicy', () => {
  it.each([
    ['{action: ALLOW}', 'allowed'],
    [
      '{action: DENY}',
      'DENY action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request',
    ],
    [
      '{action: CUSTOM, provider: {name: p}}',
      'CUSTOM action without `rules` is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request',
    ],
    ['{action: CUSTOM, rules: [{}]}', '`provider.name` must not be empty'],
    [
      '{provider: {name: p}, rules: [{}]}',
      '`provider` must not be with non CUSTOM action, found ALLOW',
    ],
    [
      '{action: CUSTOM, provider: {name: p}, rules: [{from: [{source: {principals: [a]}}]}]}',
      'From.Principals is currently not supported with CUSTOM action',
    ],
    [
      '{action: CUSTOM, provider: {name: p}, rules: [{when: [{key: "request.auth.claims[a]", values: [b]}]}]}',
      'request.auth.claims[a] is currently not supported with CUSTOM action',
    ],
    ['{rules: [{from: [{}]}]}', '`from.source` must not be nil, found at rule 0'],
    ['{rules: [{}, {to: [{}]}]}', '`to.operation` must not be nil, found at rule 1'],
    [
      '{selector: {matchLabels: {a: b}}, targetRefs: [{kind: Service, name: s}]}',
      'only one of targetRefs or workloadSelector can be set',
    ],
  ])('%s: %s', (spec, text) => {
    expect(policy(spec).replace(INVALID, '')).toBe(text);
  });

  it.each([
    ['{}', '`from.source` must not be empty, found at rule 0'],
    ['{namespaces: [""]}', 'empty value not allowed, found in Namespaces'],
    [
      '{serviceAccounts: [a/b/c]}',
      "expected format 'serviceAccount' or 'namespace/serviceAccount', found \"a/b/c\" in ServiceAccounts",
    ],
    ['{serviceAccounts: ["*"]}', 'wildcard not allowed, found in ServiceAccounts'],
    [
      '{serviceAccounts: [a], namespaces: [b]}',
      'cannot set serviceAccounts with namespaces or principals, found at rule 0',
    ],
    [
      '{trustDomains: ["a*b"]}',
      'wildcard is only allowed at the start or end, found in TrustDomains: "a*b"',
    ],
    ['{ipBlocks: [10.0.0.0/8, "::1"]}', 'allowed'],
  ])('with a source %s: %s', (source, text) => {
    expect(from(source).replace(INVALID, '')).toBe(text);
  });

  it('lists bad addresses and ports as Go does, even one', () => {
    expect(from('{ipBlocks: [1.2.3, 1.0.0.0/33]}')).toBe(
      `2 errors occurred:\n\t* ${INVALID}bad IP address (1.2.3)\n\t* ${INVALID}bad CIDR range (1.0.0.0/33): netip.ParsePrefix("1.0.0.0/33"): prefix length out of range\n\n`,
    );
    expect(to('{ports: ["80x"]}')).toBe(
      `1 error occurred:\n\t* ${INVALID}bad port (80x): strconv.ParseUint: parsing "80x": invalid syntax\n\n`,
    );
    expect(to('{notPorts: ["70000"]}')).toContain('bad port (70000): <nil>');
  });

  it.each([
    ['{}', '`to.operation` must not be empty, found at rule 0'],
    ['{paths: ["/a/{*}/b"]}', 'allowed'],
    [
      '{paths: ["/a/{**}/{*}"]}',
      'invalid or unsupported path a/{**}/{*}, found in Paths. {**} is not the last operator',
    ],
    [
      '{paths: ["/a{x}"]}',
      "invalid or unsupported path a{x}, found in Paths. Contains '{' or '}' beyond a supported path template",
    ],
  ])('with an operation %s: %s', (operation, text) => {
    expect(to(operation).replace(INVALID, '')).toBe(text);
  });

  it.each([
    ['{key: source.ip}', 'at least one of `values` or `notValues` must be set for key source.ip'],
    ['{key: "request.headers[a]", values: [b]}', 'allowed'],
    [
      '{key: request.headers, values: [b]}',
      'invalid `value` for `key` request.headers: bad key (request.headers): should have format a[b]',
    ],
    [
      '{key: destination.user, notValues: [b]}',
      'invalid `value` for `key` destination.user: deprecated attribute destination.user: only supported in v1alpha1',
    ],
    ['{key: a.b, values: [c]}', 'invalid `value` for `key` a.b: unknown attribute: a.b'],
  ])('under a condition %s: %s', (condition, text) => {
    expect(when(condition).replaceAll(INVALID, '')).toContain(text);
  });

  it('warns of a DENY rule that only HTTP can meet', () => {
    const warnings = (rule: string) =>
      answer('security', 'AuthorizationPolicy', `{action: DENY, rules: [${rule}]}`).webhook
        .warnings;
    expect(warnings('{to: [{operation: {methods: [GET]}}]}')).toHaveLength(1);
    expect(warnings('{to: [{operation: {methods: [GET], ports: ["80"]}}]}')).toBeUndefined();
    expect(warnings('{from: [{source: {requestPrincipals: ["*"]}}]}')).toHaveLength(1);
    expect(warnings('{from: [{source: {namespaces: [a]}}]}')).toBeUndefined();
  });
});

describe('a RequestAuthentication', () => {
  const rule = (text: string) =>
    refusal('security', 'RequestAuthentication', `{jwtRules: [${text}]}`);
  it.each([
    ['{}', 'issuer or jwksUri must be non-empty string'],
    ['{issuer: a, audiences: [""]}', 'audience must be non-empty string'],
    ['{issuer: a, jwksUri: "ftp://x"}', 'URI scheme "ftp" is not supported'],
    ['{issuer: a, jwksUri: "https://x:y"}', 'parse "https://x:y": invalid port ":y" after host'],
    [
      '{issuer: a, jwks: foo}',
      "jwks parse error: failed to unmarshal JWK set: invalid character 'f' looking for beginning of value",
    ],
    ['{issuer: a, fromCookies: [""]}', 'cookie name must be non-empty string'],
    [
      '{issuer: a, outputClaimToHeaders: [{claim: c, header: "a:b"}]}',
      'header name a:b is not a valid header name',
    ],
  ])('with a rule %s: %s', (text, problem) => {
    expect(rule(text)).toBe(`1 error occurred:\n\t* ${problem}\n\n`);
  });

  it('warns of keys that only their owner should have', () => {
    const jwks = `{"keys": [{"kty": "RSA", "n": "a", "e": "b"}, {"kty": "RSA", "d": "c"}]}`;
    const { webhook } = answer(
      'security',
      'RequestAuthentication',
      `{jwtRules: [{issuer: a, jwks: '${jwks}'}]}`,
    );
    expect(webhook.warnings).toEqual([
      'jwks key at index 1 contains private key material; only public keys are used for verification',
    ]);
  });
});

describe('an EnvoyFilter', () => {
  const patch = (text: string) =>
    refusal('networking', 'EnvoyFilter', `{configPatches: [${text}]}`).replace(
      'Envoy filter: ',
      '',
    );
  const listener = (applyTo: string, filter: string) =>
    patch(
      `{applyTo: ${applyTo}, match: {listener: {filterChain: {filter: ${filter}}}}, patch: {operation: MERGE, value: {}}}`,
    );
  it.each([
    ['{}', 'missing applyTo'],
    ['{applyTo: CLUSTER}', 'missing patch'],
    ['{applyTo: CLUSTER, patch: {}}', 'missing patch operation'],
    [
      '{applyTo: CLUSTER, patch: {operation: MERGE}}',
      'missing patch value for non-remove operation',
    ],
    ['{applyTo: CLUSTER, patch: {operation: REMOVE}}', 'allowed'],
    [
      '{applyTo: CLUSTER, match: {listener: {}}, patch: {operation: REMOVE}}',
      'applyTo for cluster class objects cannot have non cluster match',
    ],
    [
      '{applyTo: HTTP_ROUTE, match: {cluster: {}}, patch: {operation: REMOVE}}',
      'applyTo for http route class objects cannot have non route configuration match',
    ],
    [
      '{applyTo: LISTENER, match: {cluster: {}}, patch: {operation: REMOVE}}',
      'applyTo for listener class objects cannot have non listener match',
    ],
    [
      '{applyTo: CLUSTER, match: {proxy: {proxyVersion: "%#@~++=("}}, patch: {operation: REMOVE}}',
      'invalid regex for proxy version, [error parsing regexp: invalid nested repetition operator: `++`]',
    ],
  ])('with a patch %s: %s', (text, problem) => {
    expect(patch(text)).toBe(problem);
  });

  it('names the filter that a subfilter is in', () => {
    expect(listener('HTTP_FILTER', '{}')).toBe('filter match has no name to match on');
    expect(listener('NETWORK_FILTER', '{name: a, subFilter: {name: b}}')).toBe(
      'subfilter match can be used with applyTo HTTP_FILTER only',
    );
    expect(listener('HTTP_FILTER', '{name: a, subFilter: {name: b}}')).toBe(
      'subfilter match requires filter match with envoy.filters.network.http_connection_manager',
    );
  });

  it('is warned of always, and of filter names that Envoy has given up', () => {
    const { webhook } = answer(
      'networking',
      'EnvoyFilter',
      '{workloadSelector: {}, configPatches: [{applyTo: HTTP_FILTER, match: {listener: {filterChain: {filter: {name: envoy.http_connection_manager, subFilter: {name: envoy.router}}}}}, patch: {operation: REMOVE}}]}',
    );
    expect(webhook.warnings?.slice(1)).toEqual([
      'Envoy filter: workload selector specified without labels, will be applied to all services in namespace',
      'using deprecated filter name "envoy.http_connection_manager"; use "envoy.filters.network.http_connection_manager" instead',
      'using deprecated filter name "envoy.router"; use "envoy.filters.http.router" instead',
    ]);
    expect(webhook.warnings?.[0]).toContain('exposes internal implementation details');
  });
});

describe('an extension', () => {
  const plugin = (spec: string) => refusal('extensions', 'WasmPlugin', spec);
  const extension = (spec: string) => refusal('extensions', 'TrafficExtension', spec);
  it.each([
    ['{}', 'url field needs to be set'],
    ['{url: private-registry:5000/image}', 'url contains unsupported scheme: private-registry'],
    ['{url: "oci://a/b"}', 'allowed'],
    ['{url: a.com/b, sha256: ab}', 'sha256 field must be 64 characters long'],
    ['{url: a.com/b, vmConfig: {env: [{name: a}, {name: a}]}}', 'duplicate env'],
    [
      '{url: a.com/b, vmConfig: {env: [{name: a, valueFrom: HOST, value: b}]}}',
      'value may only be set when valueFrom is INLINE',
    ],
    [
      '{url: a.com/b, match: [{ports: [{number: 0}]}]}',
      'spec.Match[0].Ports[0] is out of range: 0',
    ],
  ])('a WasmPlugin %s: %s', (spec, text) => {
    expect(plugin(spec)).toBe(text);
  });

  it.each([
    ['{}', 'exactly one of wasm or lua must be set'],
    ['{lua: {inlineCode: ""}}', 'lua.inlineCode cannot be empty'],
    ['{lua: {inlineCode: x}}', 'allowed'],
    ['{wasm: {url: "ftp://x"}}', 'url contains unsupported scheme: ftp'],
  ])('a TrafficExtension %s: %s', (spec, text) => {
    expect(extension(spec)).toBe(text);
  });
});
