import { describe, expect, it } from 'vitest';
import { validateDocuments } from './validate.ts';

const objectOf = (
  kind: string,
  group: string,
  spec: string,
  metadata = 'name: x, namespace: shop',
) => `apiVersion: ${group}/v1\nkind: ${kind}\nmetadata: {${metadata}}\nspec: ${spec}\n`;
const istio = (kind: string, spec: string, metadata?: string) =>
  validateDocuments(objectOf(kind, 'networking.istio.io', spec, metadata))[0]!;
const webhookOf = (kind: string) => (spec: string) => {
  const { webhook } = istio(kind, spec);
  return webhook.error?.replace('configuration is invalid: ', '') ?? 'allowed';
};
const warningsOf = (kind: string, spec: string) => istio(kind, spec).webhook.warnings ?? [];
const httpError = (route: string) =>
  webhookOf('VirtualService')(`{hosts: [web], http: [${route}]}`);
const routed = (rest: string) => httpError(`{route: [{destination: {host: web}}], ${rest}}`);

describe('a VirtualService', () => {
  it.each([
    ['redirect: {uri: /a}', 'HTTP route cannot contain both route and redirect'],
    ['match: [{port: 70000}]', 'port number 70000 must be in the range 1..65535'],
    ['match: [{method: {prefix: ""}}]', '"method": prefix string match should not be empty'],
    ['match: [{uri: {regex: ""}}]', '"uri": regex string match should not be empty'],
    [
      'match: [{uri: {regex: "\\\\"}}]',
      '"uri": error parsing regexp: trailing backslash at end of expression: ``; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)',
    ],
    ['match: [{headers: {"a b": {exact: x}}}]', 'header name a b is not a valid header name'],
    ['match: [{headers: {":path": {exact: x}}}]', 'allowed'],
    ['match: [{sourceNamespace: a.b}]', 'sourceNamespace match a.b is invalid'],
    [
      'headers: {request: {set: {":path": x}}}',
      'invalid header ":path": header cannot have ":" prefix',
    ],
    ['headers: {request: {set: {Host: x}}}', 'allowed'],
    ['headers: {request: {remove: [host]}}', 'invalid header "host": cannot set Host header'],
    [
      'headers: {response: {add: {a: "5%"}}}',
      'header value configuration: invalid header configuration. Un-escaped %',
    ],
    ['headers: {response: {add: {a: "%REQ(x)%"}}}', 'allowed'],
    [
      'rewrite: {authority: a.test}, headers: {request: {set: {Host: b.test}}}',
      'authority header cannot be set multiple times: have "a.test", attempting to set "b.test"',
    ],
    [
      'rewrite: {uriRegexRewrite: {match: a}}',
      'UriRegexRewrite has errors\nUriRegexRewrite requires both Rewrite and Match fields to be specified',
    ],
    ['retries: {attempts: 2, retryOn: "5xx, reset"}', '" reset" is not a valid retryOn policy'],
    ['retries: {attempts: 2, retryOn: "5xx,503,299"}', '"299" is not a valid retryOn policy'],
    ['retries: {attempts: 0}', 'allowed'],
    ['retries: {attempts: 2, backoff: 1500us}', 'only durations to ms precision are supported'],
    [
      'fault: {abort: {httpStatus: 500, percentage: {value: 0.00001}}}',
      'percentage 1e-05 is neither 0.0, nor in range [0.0001, 100.0]',
    ],
    ['fault: {abort: {http2Error: X}}', 'HTTP/2 abort fault injection not supported yet'],
    ['mirrors: [{destination: {host: "*"}}]', 'invalid destination host *'],
    [
      'mirrorPercentage: {value: -1}, mirror: {host: a}',
      'mirror_percentage must have a min value of 0 (it has -1.000000)',
    ],
    ['delegate: {name: d}, name: r', 'root HTTP route r must not specify route'],
    [
      'corsPolicy: {allowOrigins: [{regex: "["}]}',
      '"corsPolicy.allowOrigins": error parsing regexp: missing closing ]: `[`; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)',
    ],
    [
      'corsPolicy: {maxAge: 1500ms}',
      '1 error occurred:\n\t* max_age duration is accurate only to seconds precision\n\n',
    ],
  ])('with a route of %s: %s', (rest, error) => expect(routed(rest)).toBe(error));

  it.each([
    ['{directResponse: {status: 700}}', 'HTTP status 700 is not in range 200-599'],
    ['{redirect: {scheme: ftp}}', 'invalid redirect scheme, must be "http" or "https"'],
    [
      '{redirect: {uri: /a, prefixRewrite: /b}}',
      'redirect may only specify one of uri or prefix_rewrite',
    ],
    ['{redirect: {}}', 'redirect must specify URI, authority, scheme, or port'],
    [
      '{match: [{uri: {exact: /a}}], redirect: {prefixRewrite: /b}}',
      'redirect prefix_rewrite requires all URI matches to use prefix match type',
    ],
    [
      '{redirect: {uri: /a}, fault: {delay: {fixedDelay: 1s}}}',
      'HTTP route cannot contain both fault and redirect',
    ],
    ['{route: [{weight: 1}]}', '1 error occurred:\n\t* destination is required\n\n'],
  ])('with %s: %s', (route, error) => expect(httpError(route)).toBe(error));

  it.each([
    ['gateways: [a/b/c]', 'invalid value for gateway name: "b/c"'],
    [
      'gateways: ["/b"]',
      '2 errors occurred:\n\t* config namespace and gateway name cannot be empty\n\t* invalid value for namespace: ""\n\n',
    ],
    ['exportTo: [shop, .]', 'duplicate entries in exportTo: . and current namespace shop'],
    ['exportTo: [a.b]', 'only .,*, or a valid DNS 1123 label is allowed as exportTo entry'],
    [
      'tcp: [{match: [{sourceLabels: {"-": x}}], route: [{destination: {host: a}}]}]',
      '1 error occurred:\n\t* invalid tag key: "-"\n\n',
    ],
  ])('with %s: %s', (rest, error) => {
    const http = rest.startsWith('tcp') ? '' : 'http: [{route: [{destination: {host: web}}]}], ';
    expect(webhookOf('VirtualService')(`{hosts: [web.test], ${http}${rest}}`)).toBe(error);
  });

  it('prefers gateways with their namespace, and says how to write them', () => {
    const spec =
      '{hosts: [web.test], gateways: [gw.ns.svc], http: [{route: [{destination: {host: web}}]}]}';
    expect(warningsOf('VirtualService', spec)).toEqual([
      'using legacy gatewayName format "gw.ns.svc"; prefer the <namespace>/<name> format: "ns/gw"',
    ]);
  });

  it('warns of prefixes that an earlier, shorter one covers', () => {
    const route = 'route: [{destination: {host: web}}]';
    const spec = `{hosts: [web], http: [{name: all, match: [{uri: {prefix: /a}}], ${route}}, {match: [{uri: {prefix: /ab}}], ${route}}]}`;
    expect(warningsOf('VirtualService', spec)).toEqual([
      'virtualService rule #1 match #0 of prefix /ab is not used (duplicate/overlapping match in rule #0 of prefix /a on "all")',
    ]);
  });

  it('may name JWT claims only on gateways', () => {
    expect(routed('match: [{headers: {"@request.auth.claims.sub": {exact: x}}}]')).toBe(
      'JWT claim based routing (key: @request.auth.claims.sub) is only supported for gateway, found no gateways: []',
    );
  });
});

describe('a DestinationRule', () => {
  const policy = (rest: string) =>
    webhookOf('DestinationRule')(`{host: a.test, trafficPolicy: {${rest}}}`);
  it.each([
    [
      'tunnel: {targetHost: "?", targetPort: 0}',
      '2 errors occurred:\n\t* tunnel target host must be valid FQDN or IP address: domain name "?" invalid (label "?" invalid); ? is not a valid IP\n\t* tunnel target port is invalid: port number 0 must be in the range 1..65535\n\n',
    ],
    ['connectionPool: {tcp: {idleTimeout: 0s}}', 'allowed'],
    [
      'connectionPool: {http: {http2KeepAlive: {interval: 1s}}}',
      'http2 keepalive timeout is required',
    ],
    [
      'loadBalancer: {consistentHash: {httpCookie: {name: c, attributes: [{name: a}, {name: a}]}}}',
      'duplicate cookie attribute name: a',
    ],
    [
      'loadBalancer: {consistentHash: {maglev: {tableSize: 5000011}}}',
      'tableSize must be less than 5000011 for maglev',
    ],
    [
      'loadBalancer: {localityLbSetting: {failover: [{from: a/b, to: "*"}]}}, outlierDetection: {}',
      "2 errors occurred:\n\t* locality lb failover only specify region\n\t* locality lb failover region should not contain '*' wildcard\n\n",
    ],
    [
      'loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {"a//c": 100}}]}}',
      'locality a//c must not contain empty region/zone/subzone info',
    ],
    [
      'tls: {mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [a]}',
      'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true',
    ],
    [
      'tls: {mode: SIMPLE, credentialName: "configmap://other/x"}',
      'invalid configmap:// credentialName: namespace must match the configuration namespace "shop"',
    ],
    [
      'portLevelSettings: [{port: {number: 80}}]',
      'port traffic policy must have at least one field',
    ],
    ['retryBudget: {percent: 20}', 'allowed'],
  ])('with a policy of %s: %s', (rest, error) => expect(policy(rest)).toBe(error));

  it('of a workload selector stays in its namespace', () => {
    const spec = '{host: a.test, workloadSelector: {matchLabels: {a: b}}, exportTo: [other]}';
    expect(webhookOf('DestinationRule')(spec)).toBe(
      'destination rule with workload selector cannot have exportTo beyond current namespace',
    );
  });
});

describe('other objects', () => {
  it.each([
    [
      '{servers: [{hosts: [a.test], bind: unix://x, port: {number: 80, name: p, protocol: HTTP}}]}',
      '2 errors occurred:\n\t* x is not an absolute path to a file\n\t* port number must be 0 for unix domain socket: number:80 protocol:"HTTP" name:"p"\n\n',
    ],
    [
      '{servers: [{hosts: [a.test], port: {number: 443, name: p, protocol: TLS}, tls: {mode: ISTIO_MUTUAL, privateKey: k}}]}',
      'ISTIO_MUTUAL TLS cannot have associated private key',
    ],
    [
      '{servers: [{hosts: ["*.test", "*foo"], port: {number: 80, name: p, protocol: HTTP}}]}',
      '2 errors occurred:\n\t* short names (non FQDN) are not allowed\n\t* partial wildcard "*foo" not allowed\n\n',
    ],
  ])('a Gateway of %s: %s', (spec, error) => expect(webhookOf('Gateway')(spec)).toBe(error));

  it('a Gateway whose name is no DNS label is refused', () => {
    const answer = istio(
      'Gateway',
      '{servers: [{hosts: [a.test], port: {number: 80, name: p, protocol: HTTP}}]}',
      'name: a.b, namespace: shop',
    );
    expect(answer.webhook.error).toBe('configuration is invalid: invalid gateway name: "a.b"');
  });

  it.each([
    [
      '{hosts: ["*.a.test"], resolution: DYNAMIC_DNS, ports: [{number: 1, name: t, protocol: TCP}]}',
      'only HTTP, TLS, GRPC, and HTTP2 protocols are supported for resolution type DYNAMIC_DNS',
    ],
    [
      '{hosts: [a.test], workloadSelector: {labels: {"*": x}}}',
      'wildcard is not supported in selector: "*=x"',
    ],
    [
      '{hosts: [a.test], resolution: STATIC, ports: [{number: 80, name: h}], endpoints: [{address: unix:///a, ports: {h: 80}}]}',
      'unix endpoint unix:///a must not include ports',
    ],
    ['{hosts: [a.test], addresses: [2001:db8::/32]}', 'allowed'],
  ])('a ServiceEntry of %s: %s', (spec, error) =>
    expect(webhookOf('ServiceEntry')(spec)).toBe(error),
  );

  it.each([
    ['{}', 'sidecar: empty configuration provided'],
    [
      '{egress: [{hosts: ["*/*"], port: {number: 0}, bind: 0.0.0.0}]}',
      'sidecar: ports with 0 value must have a unix domain socket bind address',
    ],
    [
      '{ingress: [{port: {number: 80, protocol: HTTP}, defaultEndpoint: "127.0.0.1"}]}',
      '2 errors occurred:\n\t* address 127.0.0.1: missing port in address\n\t* sidecar: defaultEndpoint port () is not a number: strconv.Atoi: parsing "": invalid syntax\n\n',
    ],
    [
      '{outboundTrafficPolicy: {egressProxy: {host: a.test}}}',
      'sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode',
    ],
  ])('a Sidecar of %s: %s', (spec, error) => expect(webhookOf('Sidecar')(spec)).toBe(error));

  it('a Sidecar that names all hosts of a namespace need not name one of them', () => {
    expect(warningsOf('Sidecar', '{egress: [{hosts: ["./*", shop/a.test, "*/*"]}]}')).toEqual([
      'duplicated egress host: shop/a.test',
      '`*/*` host select all resources, no other hosts can be added',
    ]);
  });

  it('a WorkloadGroup needs a template and valid labels', () => {
    expect(webhookOf('WorkloadGroup')('{}')).toBe('template is required');
    expect(webhookOf('WorkloadGroup')('{template: {}, metadata: {labels: {a: "b!"}}}')).toBe(
      'invalid labels: 1 error occurred:\n\t* invalid tag value: "b!"\n\n',
    );
  });
});

describe('the schema', () => {
  const schemaOf = (kind: string, spec: string) =>
    istio(kind, spec).schema.error?.split(': ').slice(1).join(': ') ?? 'valid';
  it.each([
    [
      'VirtualService',
      '{http: {}}',
      'spec.http: Invalid value: "object": spec.http in body must be of type array: "object"',
    ],
    [
      'VirtualService',
      '{http: [{timeout: 5}]}',
      'spec.http[0].timeout: Invalid value: "integer": spec.http[0].timeout in body must be of type string: "integer"',
    ],
    [
      'DestinationRule',
      '{host: a, trafficPolicy: {tls: {mode: NONE}}}',
      'spec.trafficPolicy.tls.mode: Unsupported value: "NONE": supported values: "DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"',
    ],
    [
      'DestinationRule',
      '{host: a, trafficPolicy: {outlierDetection: {consecutive5xxErrors: null}}}',
      'valid',
    ],
    [
      'ServiceEntry',
      '{hosts: []}',
      'spec.hosts: Invalid value: 0: spec.hosts in body should have at least 1 items',
    ],
    [
      'ServiceEntry',
      '{hosts: [a.test], ports: [{name: a, number: 1}, {name: b, number: 1}]}',
      'spec.ports: Invalid value: port number cannot be duplicated',
    ],
    [
      'WorkloadEntry',
      '{address: unix://a/}',
      '[spec.address: Invalid value: "unix://a/": UDS must be an absolute path or abstract socket, spec.address: Invalid value: "unix://a/": UDS may not be a dir]',
    ],
    [
      'VirtualService',
      '{hots: [a], http: [{retry: {}, timeout: 1s}]}',
      'unknown fields [spec.hots spec.http[0].retry]',
    ],
  ])('of a %s with %s: %s', (kind, spec, error) => expect(schemaOf(kind, spec)).toBe(error));

  it('of a VirtualService knows one field by its old name', () => {
    const spec = (field: string) =>
      `{hosts: [web], http: [{route: [{destination: {host: web}}], ${field}: 5}]}`;
    expect(schemaOf('VirtualService', spec('mirror_percent'))).toBe('valid');
    expect(schemaOf('VirtualService', spec('mirror_percentage'))).toBe(
      'unknown fields [spec.http[0].mirror_percentage]',
    );
  });

  it('of a ServiceEntry wants a spec', () => {
    const text = 'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: x}\n';
    expect(validateDocuments(text)[0]?.schema.error).toBe('ServiceEntry/x/: spec: Required value');
  });
});

describe('the webhook', () => {
  it.each([
    ['{hosts: web}', 'json: cannot unmarshal string into Go value of type []json.RawMessage'],
    ['{http: [{timeout: 1d}]}', 'bad Duration: time: unknown unit "d" in duration "1d"'],
    ['{http: [{timeout: "5"}]}', 'bad Duration: time: missing unit in duration "5"'],
    [
      '{http: [{corsPolicy: {unmatchedPreflights: NO}}]}',
      'json: cannot unmarshal bool into Go value of type protoreflect.EnumNumber',
    ],
    [
      '{http: [{corsPolicy: {unmatchedPreflights: SOME}}]}',
      'unknown value "\\"SOME\\"" for enum istio.networking.v1alpha3.CorsPolicy.UnmatchedPreflights',
    ],
    ['{http: [{route: [{weight: many}]}]}', "invalid character 'm' looking for beginning of value"],
  ])('can not decode %s: %s', (spec, error) => {
    expect(istio('VirtualService', spec).webhook.error).toBe(
      `error decoding configuration: ${error}`,
    );
  });

  it('refuses keys beside the spec, and annotations that are not for users', () => {
    const good = '{hosts: [web], http: [{route: [{destination: {host: web}}]}]}';
    const [extra] = validateDocuments(
      `${objectOf('VirtualService', 'networking.istio.io', good)}extra: 1\n`,
    );
    expect(extra?.webhook.error).toBe('unknown field "extra" on VirtualService resource shop/x');
    const annotated = istio(
      'VirtualService',
      good,
      'name: x, namespace: shop, annotations: {istio.io/dry-run: "true"}',
    );
    expect(annotated.webhook.error).toBe(
      'configuration is invalid: shop/x has unsupported annotation istio.io/dry-run, please remove the annotation',
    );
  });

  it('passes over objects of Kubernetes and of kinds that meshsim does not read', () => {
    const text =
      'apiVersion: v1\nkind: Service\nmetadata: {name: s}\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {odd: 1}\n';
    expect(
      validateDocuments(text).map(({ webhook, schema }) => [webhook.allowed, schema.valid]),
    ).toEqual([
      [true, true],
      [true, true],
    ]);
  });
});
