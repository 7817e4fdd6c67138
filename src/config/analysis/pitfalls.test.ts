import { describe, expect, it } from 'vitest';
import { loadText } from '../loader.ts';
import { storeOf } from '../resource-store.ts';
import { analyzeAll } from './analyze.ts';

const networking = (kind: string, spec: string, metadata = 'name: x, namespace: shop') =>
  `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: {${metadata}}\nspec: ${spec}\n---\n`;
const route = (rest: string) => networking('VirtualService', `{hosts: [web], http: [${rest}]}`);
const rule = (spec: string, metadata?: string) => networking('DestinationRule', spec, metadata);
const NAMESPACE =
  'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n---\n';
const service = (port: string) =>
  `${NAMESPACE}apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{name: ${port}, port: 80}]}\n---\n`;
const deployment = (replicas: number) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {replicas: ${replicas}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: istio-proxy, image: p}]}}}\n---\n`;

function messages(...texts: string[]) {
  const loaded = loadText('m.yaml', texts.join(''));
  return analyzeAll(storeOf(loaded.resources, []), { mode: 'cluster' });
}
/** Only meshsim's own messages. */
const own = (...texts: string[]) =>
  messages(...texts)
    .filter(({ code }) => code.startsWith('MS'))
    .map(({ code, message }) => `${code} ${message}`);
const web = service('http');
const to = 'route: [{destination: {host: web}}]';

describe('pitfalls of routes', () => {
  it.each([
    [
      'route: [{destination: {host: web}, weight: 0}]',
      [
        'MS0001 The only destination "web" of this route gets all requests: its weight of 0 is ignored.',
      ],
    ],
    [
      `${to}, retries: {attempts: 2, perTryTimeout: 2s}`,
      [
        'MS0002 A try that reaches perTryTimeout (2s) is answered 504 and not retried: retryOn "connect-failure,refused-stream,unavailable,cancelled" covers no per-try timeout.',
      ],
    ],
    [
      `${to}, timeout: 5s, retries: {attempts: 3, perTryTimeout: 2s, retryOn: 5xx}`,
      ['MS0003 4 tries of 2s do not fit into the timeout of 5s: only 2 can run to their end.'],
    ],
    [`${to}, timeout: 8s, retries: {attempts: 3, perTryTimeout: 2s, retryOn: 5xx}`, []],
    [
      `${to}, timeout: 1s, retries: {attempts: 3, perTryTimeout: 1500ms, retryOn: 5xx}`,
      ['MS0004 perTryTimeout (1500ms) has no effect: the timeout of the route (1s) ends first.'],
    ],
    [
      `${to}, fault: {delay: {fixedDelay: 1s}}`,
      ['MS0006 Nothing is injected: the delay has no percentage, which stands for 0 %.'],
    ],
    [
      `${to}, match: [{uri: {prefix: /api}}]`,
      [
        'MS0008 Requests that no rule matches are answered 404 (NR): the last http rule has matches.',
      ],
    ],
    [`${to}, match: [{uri: {prefix: /}}]`, []],
  ])('{%s}: %j', (rest, said) => expect(own(web, route(`{${rest}}`))).toEqual(said));

  it('are rules of HTTP for a port that carries something else', () => {
    expect(own(service('tcp-db'), route(`{${to}}`))).toEqual([
      'MS0007 The http rules are never used in the mesh: no port of shop/web carries HTTP (TCP).',
    ]);
    expect(own(service('web'), route(`{${to}}`))).toEqual([]);
  });
});

describe('pitfalls of policies', () => {
  it('are ejections that the number of hosts rules out', () => {
    const outlier = (percent: string) =>
      rule(`{host: web, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5${percent}}}}`);
    expect(own(web, deployment(3), outlier(''))).toEqual([
      'MS0005 No host of shop/web can be ejected: one of 3 is 33.3 %, more than maxEjectionPercent 10.',
    ]);
    expect(own(web, deployment(3), outlier(', maxEjectionPercent: 34'))).toEqual([]);
    expect(own(web, deployment(10), outlier(''))).toEqual([]);
  });

  it('are affinity across weighted subsets, warm-up that nobody does, and blocks that a port loses', () => {
    const policy =
      '{loadBalancer: {consistentHash: {useSourceIp: true}, warmup: {duration: 10s}}, outlierDetection: {maxEjectionPercent: 100}, portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}';
    const subsets = '[{name: a, labels: {}}, {name: b, labels: {}}]';
    const split = route(
      '{route: [{destination: {host: web, subset: a}, weight: 50}, {destination: {host: web, subset: b}, weight: 50}]}',
    );
    expect(
      own(web, rule(`{host: web, subsets: ${subsets}, trafficPolicy: ${policy}}`), split),
    ).toEqual([
      'MS0009 consistentHash of DestinationRule shop/x keeps a client on one host only within a subset: the weights of this route move it between subsets.',
      'MS0012 On port 80 loadBalancer, outlierDetection of the policy above do not apply: portLevelSettings replace them.',
      'MS0015 warmup has no effect with consistentHash: only ROUND_ROBIN and LEAST_REQUEST warm hosts up.',
    ]);
  });

  it('are rules where nobody looks for them, and hosts that are not completed', () => {
    const central = 'name: x, namespace: config';
    expect(own(web, rule('{host: web.shop.svc.cluster.local}', central))).toEqual([
      'MS0010 Nobody uses this DestinationRule: namespace "config" has no workloads, and for shop/web clients look into their own namespace, that of the service and "istio-system".',
    ]);
    const [found] = messages(web, rule('{host: web.shop}')).filter(({ code }) => code === 'MS0013');
    expect([found?.message, found?.hint]).toEqual([
      'The host "web.shop" contains a dot and is not completed: it does not stand for the service shop/web.',
      'write web.shop.svc.cluster.local',
    ]);
  });

  it('are wildcards that hide the subsets of a service owner, and policies of subsets that nobody uses', () => {
    const subsets = rule(
      '{host: web, subsets: [{name: v1, labels: {}, trafficPolicy: {outlierDetection: {maxEjectionPercent: 100}}}]}',
    );
    const wildcard = rule('{host: "*.local"}', 'name: tls, namespace: client');
    expect(own(web, subsets, wildcard)).toEqual([
      'MS0011 For clients of namespace "client" this DestinationRule hides DestinationRule shop/x: a rule of the own namespace goes before a more specific one elsewhere.',
      'MS0016 The trafficPolicy of subset v1 is never used: no VirtualService routes to the subset.',
    ]);
  });
});

describe('what a cluster would refuse', () => {
  it('is said beside what istioctl says, each fault once and with its hint', () => {
    const spoken = messages(
      web,
      route(`{${to}, timout: 1s, redirect: {port: 80, derivePort: FROM_REQUEST_PORT}}`),
    );
    expect(spoken.map(({ code, at, hint }) => [code, at.line, hint])).toEqual([
      ['IST0106', expect.any(Number), undefined],
      ['MS0130', expect.any(Number), undefined],
    ]);
    const unknown = messages(web, route(`{${to}, timout: 1s}`));
    expect(unknown.map(({ message, hint }) => [message, hint])).toEqual([
      ['strict decoding error: unknown field "spec.http[0].timout"', 'did you mean "timeout"?'],
    ]);
  });

  it('is a duration that can not be read, in the words of the API server', () => {
    const [first] = messages(web, route(`{${to}, timeout: soon}`));
    expect(first?.code).toBe('MS0123');
    expect(first?.message).toContain(
      "type conversion error from 'string' to 'google.protobuf.Duration'",
    );
  });

  it("is a wrong type in one of Kubernetes' own objects, at its place", () => {
    const pods = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: shop},
      spec: {replicas: many, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}}}}`;
    const [found] = messages(web, pods).filter(({ code }) => code === 'MS0121');
    expect(found?.message).toBe(
      'The Deployment "a" is invalid: spec.replicas: must be of type integer, not string',
    );
    expect(found?.at.column).toBe(24);
  });
});

describe('what a cluster would make of the objects', () => {
  const subset = rule('{host: web, subsets: [{name: v1, labels: {version: v1}}]}');
  const workload = deployment(2).replace('{app: web}', '{app: web, version: v1}');
  const gateway = (label: string) =>
    networking(
      'Gateway',
      `{selector: {istio: ${label}}, servers: [{hosts: [a.test], port: {number: 8080, name: http, protocol: HTTP}}]}`,
    );
  const codes = (...texts: string[]) => messages(...texts).map(({ code }) => code);

  it('has pods for its workloads, for subsets to select', () => {
    expect(codes(web, workload, subset)).toEqual([]);
    expect(codes(web, deployment(2), subset)).toEqual(['IST0173']);
  });

  it('has the ingress gateway of Istio, and no other', () => {
    expect(codes(NAMESPACE, gateway('ingressgateway'))).toEqual([]);
    expect(codes(NAMESPACE, gateway('ingresgateway'))).toEqual(['IST0101']);
  });
});
