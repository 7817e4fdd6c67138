import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import { clustersByName, configOf } from '#istiod/test-mesh.ts';
import { inspectResources } from '#mesh/proxy-inspection.ts';
import { inspectRoute } from '#mesh/route-inspection.ts';
import {
  answers,
  ask,
  called,
  deployment,
  destinationRule,
  type Part,
  SUBSETS,
  service,
  virtualService,
} from './ask.ts';

const ALL = 'route: [{destination: {host: b}}]';
const faulty = (fault: string, rest = '', host = 'b') =>
  virtualService(
    `{hosts: [${host}], http: [{fault: ${fault}, ${rest}route: [{destination: {host: ${host}}}]}]}`,
    `vs-${host}`,
  );
const share = (counts: ReadonlyMap<string, number>, kind: string, of: number) =>
  (counts.get(kind) ?? 0) / of;
/** Of b as `http2MaxRequests` limits it: how many of as many concurrent requests got through. */
const limited = (
  mesh: string,
  rest: { base?: string; request?: string; from?: string; scenario?: Part } = {},
) =>
  ask({
    mesh,
    ...(rest.base === undefined ? {} : { base: rest.base }),
    ...(rest.request === undefined ? {} : { request: rest.request }),
    client: {
      load: { concurrency: 8, requests: 8 },
      ...(rest.from === undefined ? {} : { from: rest.from }),
    },
    scenario: {
      workloads: { 'b-v1': { latency: '1s' }, 'b-v2': { latency: '1s' } },
      ...rest.scenario,
    },
  }).counts.get('200') ?? 0;
const limit = (requests: number, host = 'b', path = 'dr', rest = '') =>
  destinationRule(
    `{host: "${host}"${rest}, trafficPolicy: {connectionPool: {http: {http2MaxRequests: ${requests}}}}}`,
    path,
  );

describe('policies, faults, affinity', () => {
  it('P1: aborted requests are not retried', () => {
    const mesh = faulty(
      '{abort: {percentage: {value: 50}, httpStatus: 503}}',
      'retries: {attempts: 3, retryOn: 5xx}, ',
    );
    const { counts } = ask({ mesh, count: 400 });
    expect(Math.abs(share(counts, '503 FI', 400) - 0.5)).toBeLessThan(0.1);
  });
  it('P2: a fault without percentage injects nothing', () => {
    expect(answers({ mesh: faulty('{abort: {httpStatus: 503}}') })).toBe('200');
  });
  it('P3: a delay comes before the route and its timeout', () => {
    const mesh = faulty('{delay: {percentage: {value: 100}, fixedDelay: 7s}}', 'timeout: 3s, ');
    const { kinds, result } = ask({ mesh, count: 3 });
    expect(kinds).toBe('200 DI');
    expect(result.clients[0]!.latency.valueAt(0.5)).toBeGreaterThan(6.9e9);
  });
  it('P4: a caller outside the mesh meets no fault', () => {
    const mesh = faulty('{abort: {percentage: {value: 100}, httpStatus: 503}}');
    expect(answers({ mesh, client: { sidecar: false } })).toBe('200');
  });
  it('P5: a retry of the caller repeats the call in which the fault is', () => {
    const fault = faulty('{abort: {percentage: {value: 50}, httpStatus: 503}}', '', 'c');
    const call = { calls: ['GET http://c:8080/'] };
    const scenario = { workloads: { 'b-v1': call, 'b-v2': call } };
    const plain = ask({ mesh: fault, scenario, count: 800 });
    expect(Math.abs(share(plain.counts, '503', 800) - 0.5)).toBeLessThan(0.07);
    const retried =
      fault +
      virtualService(
        `{hosts: [b], http: [{retries: {attempts: 2, retryOn: 5xx}, ${ALL}}]}`,
        'vs-b',
      );
    const { counts } = ask({ mesh: retried, scenario, count: 800 });
    const failed = 1 - share(counts, '200', 800);
    expect(Math.abs(failed - 0.125)).toBeLessThan(0.05);
  });
  it('P6: a mirror that nobody serves is dropped, unseen', () => {
    const mesh = virtualService(`{hosts: [b], http: [{mirror: {host: nobody}, ${ALL}}]}`);
    expect(answers({ mesh })).toBe('200');
  });
  it('P7: a mirror without percentage copies every request', () => {
    const mesh = virtualService(
      `{hosts: [b], http: [{mirror: {host: c, port: {number: 8080}}, ${ALL}}]}`,
    );
    expect(ask({ mesh, count: 30 }).served.get('c')).toBe(30);
  });
  const hashed = (rest: string) => `trafficPolicy: {loadBalancer: {consistentHash: {${rest}}}}`;
  it('P8: with weighted subsets a user moves between them', () => {
    const mesh =
      destinationRule(
        `{host: b, ${hashed('httpHeaderName: user')}, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}`,
      ) +
      virtualService(
        '{hosts: [b], http: [{route: [{destination: {host: b, subset: v1}, weight: 50}, {destination: {host: b, subset: v2}, weight: 50}]}]}',
      );
    const { served } = ask({ mesh, client: { headers: { user: 'one' } }, count: 60 });
    expect(served.get('b-v1')).toBeGreaterThan(10);
    expect(served.get('b-v2')).toBeGreaterThan(10);
  });
  it('P9: without the header that is hashed any host is taken', () => {
    const mesh = destinationRule(`{host: b, ${hashed('httpHeaderName: user')}}`);
    const used = (headers: Part) => ask({ mesh, client: { headers }, count: 60 }).served;
    expect([...used({}).values()].every((count) => count > 10)).toBe(true);
    expect([...used({ user: 'one' }).values()].filter((count) => count > 0)).toHaveLength(1);
  });
  it('P10: a cookie without ttl is not made: any host is taken', () => {
    const mesh = destinationRule(`{host: b, ${hashed('httpCookie: {name: sticky}')}}`);
    expect([...ask({ mesh, count: 60 }).served.values()].every((count) => count > 10)).toBe(true);
  });
  it('P11: when the host of a user goes or is ejected, the user is mapped anew', () => {
    const rule = (more: string) =>
      destinationRule(
        `{host: b, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: user}}${more}}}`,
      );
    const client = { headers: { user: 'one' }, load: { rate: '20/s', arrivals: 'constant' } };
    const served = (mesh: string, scenario: Part) => {
      const counts = ask({ mesh, client, scenario }).served;
      return (workload: string) => counts.get(workload) ?? 0;
    };
    const first = served(rule(''), { duration: '8s' });
    const [owner, other] = first('b-v1') === 160 ? ['b-v1', 'b-v2'] : ['b-v2', 'b-v1'];
    expect([first(owner!), first(other!)]).toEqual([160, 0]);

    const gone = { duration: '8s', timeline: [{ at: '4s', scale: owner!, to: 0 }] };
    const scaled = served(rule(''), { ...gone, push: { delay: 0 }, readinessDelay: 0 });
    expect([scaled(owner!), scaled(other!)]).toEqual([80, 80]);

    const ejects =
      ', outlierDetection: {consecutive5xxErrors: 3, maxEjectionPercent: 100, baseEjectionTime: 60s}';
    const fails = { workloads: { [owner!]: { errors: { 500: '100%' } } } };
    const ejected = served(rule(ejects), { duration: '8s', ...fails });
    expect([ejected(owner!), ejected(other!)]).toEqual([3, 157]);
  });
  it('P12: useSourceIp sends all that a pod asks to one host', () => {
    const mesh = destinationRule(`{host: b, ${hashed('useSourceIp: true')}}`);
    expect([...ask({ mesh, count: 40 }).served.values()].filter((count) => count > 0)).toHaveLength(
      1,
    );
  });
  it('P13: a wide rule of the client’s namespace hides the subsets of the service’s owner', () => {
    const far = deployment('far/far', 'app: far');
    const mesh =
      far +
      SUBSETS +
      destinationRule(
        '{host: "*.local", trafficPolicy: {loadBalancer: {simple: RANDOM}}}',
        'far/wide',
      ) +
      virtualService(
        '{hosts: [b.ns.svc.cluster.local], http: [{route: [{destination: {host: b.ns.svc.cluster.local, subset: v1}}]}]}',
        'far/vs',
      );
    expect(answers({ mesh, request: 'GET http://b.ns/', client: { from: 'far/far' } })).toBe(
      '503 NC',
    );
  });
  it('P14: a rule in a namespace that is neither client’s nor service’s nor root is not looked at', () => {
    expect(limited(limit(1, 'b.ns.svc.cluster.local', 'central/dr'))).toBe(8);
    expect(limited(limit(1, 'b.ns.svc.cluster.local', 'istio-system/dr'))).toBeLessThan(8);
  });
  const OLD = 'creationTimestamp: "2026-01-01T00:00:00Z"';
  const NEW = 'creationTimestamp: "2026-02-01T00:00:00Z"';
  const rule = (spec: string, path: string, created: string) =>
    destinationRule(spec, path, created);
  it('P15: of two rules with a policy for one host the older’s counts', () => {
    const of = (requests: number) =>
      `{host: b, trafficPolicy: {connectionPool: {http: {http2MaxRequests: ${requests}}}}}`;
    expect(limited(rule(of(1), 'old', OLD) + rule(of(1000), 'new', NEW))).toBeLessThan(8);
    expect(limited(rule(of(1000), 'old', OLD) + rule(of(1), 'new', NEW))).toBe(8);
  });
  it('P16: with another exportTo it stays a rule of its own, and the last one wins', () => {
    const mesh =
      rule('{host: b, subsets: [{name: v1, labels: {version: v1}}]}', 'old', OLD) +
      rule('{host: b, exportTo: ["*"], subsets: [{name: v2, labels: {version: v2}}]}', 'new', NEW) +
      virtualService(
        '{hosts: [b], http: [{match: [{uri: {prefix: /1}}], route: [{destination: {host: b, subset: v1}}]}, {route: [{destination: {host: b, subset: v2}}]}]}',
      );
    expect(answers({ mesh, request: 'GET http://b/1' })).toBe('503 NC');
    expect(answers({ mesh, request: 'GET http://b/2' })).toBe('200');
  });
  it('P17: portLevelSettings replace the policy above them', () => {
    const mesh = destinationRule(
      '{host: b, trafficPolicy: {connectionPool: {http: {http2MaxRequests: 1}}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}}',
    );
    expect(limited(mesh)).toBe(8);
  });
  it('P18: a block of a subset’s policy replaces the whole block above', () => {
    const mesh =
      destinationRule(
        '{host: b, trafficPolicy: {connectionPool: {http: {http2MaxRequests: 1}}}, subsets: [{name: all, labels: {app: b}, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 1s}}}}]}',
      ) + virtualService('{hosts: [b], http: [{route: [{destination: {host: b, subset: all}}]}]}');
    const base =
      deployment('web', 'app: web') +
      deployment('b-v1', 'app: b, version: v1', {
        annotations: '{sidecar.istio.io/inject: "false"}',
      }) +
      service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}');
    expect(limited(mesh, { base, scenario: { workloads: { 'b-v1': { latency: '1s' } } } })).toBe(8);
  });
  it('P19: beside a rule for selected workloads other pods of the namespace have none', () => {
    const selected = destinationRule(
      '{host: b.ns.svc.cluster.local, workloadSelector: {matchLabels: {app: nobody}}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}',
      'far/selected',
    );
    const far = deployment('far/far', 'app: far');
    const base =
      deployment('b-v1', 'app: b, version: v1', {
        annotations: '{sidecar.istio.io/inject: "false"}',
      }) +
      service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}') +
      far;
    const at = (mesh: string) =>
      limited(mesh, {
        base,
        request: 'GET http://b.ns/',
        from: 'far/far',
        scenario: { workloads: { 'b-v1': { latency: '1s' } } },
      });
    expect(at(limit(1))).toBeLessThan(8);
    expect(at(limit(1) + selected)).toBe(8);
  });
  it('P20: a server takes its limits from its own lookup, not from its clients’ namespaces', () => {
    const far = deployment('far/far', 'app: far', { replicas: 4 });
    const base =
      deployment('b-v1', 'app: b') +
      service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}') +
      far;
    const counted = limited(limit(2, 'b.ns.svc.cluster.local', 'far/dr'), {
      base,
      request: 'GET http://b.ns/',
      from: 'far/far',
      scenario: { workloads: { 'b-v1': { latency: '1s' } } },
    });
    // Four proxies of two requests each: no limit of the server's.
    expect(counted).toBe(8);
  });
  it('P21: excluded traffic knows no feature of the mesh', () => {
    const excluded = deployment('web', 'app: web', {
      annotations: '{traffic.sidecar.istio.io/excludeOutboundPorts: "80"}',
    });
    const base =
      excluded +
      deployment('b-v1', 'app: b') +
      service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}');
    const mesh = virtualService('{hosts: [b], http: [{directResponse: {status: 418}}]}');
    expect(answers({ base, mesh })).toBe('200');
    const inspected = inspectResources(loadText('m.yaml', base + mesh).resources, undefined, []);
    const web = inspected.view.pods.find(({ workload }) => workload === 'web')!;
    expect(
      inspectRoute(inspected, web, { method: 'GET', url: 'http://b/', headers: [] }),
    ).toMatchObject({ problem: expect.stringContaining(':80 is not captured by the sidecar') });
  });
  it('P22: warm-up belongs to ROUND_ROBIN and LEAST_REQUEST alone', () => {
    const warms = (loadBalancer: string) => {
      const policy = `{loadBalancer: {${loadBalancer}, warmup: {duration: 10s}}}`;
      const text =
        service('b', '{app: b}', '{name: http, port: 80}') +
        destinationRule(`{host: b, trafficPolicy: ${policy}}`);
      const cluster = clustersByName(configOf(text)).get('outbound|80||b.ns.svc.cluster.local');
      return JSON.stringify(cluster).includes('slowStartConfig');
    };
    expect(warms('simple: ROUND_ROBIN')).toBe(true);
    expect(warms('simple: LEAST_REQUEST')).toBe(true);
    expect(warms('simple: RANDOM')).toBe(false);
    expect(warms('consistentHash: {httpHeaderName: user}')).toBe(false);
  });
  it('P23: the default balancer is not an exact round robin', () => {
    const { served } = ask({ count: 200 });
    const counts = [...served.values()];
    expect(counts.reduce((sum, it) => sum + it, 0)).toBe(200);
    expect(counts[0]).not.toBe(100);
  });
  it('P24: the authority of the route goes before the Host of a destination', () => {
    const sent = (rewrite: string) => {
      const to = '{destination: {host: b}, headers: {request: {set: {host: of-destination}}}}';
      const mesh = virtualService(`{hosts: [b], http: [{${rewrite}route: [${to}]}]}`);
      const outcome = called(mesh, 'web', { url: 'http://b/' }).routing?.outcome;
      return outcome?.kind === 'forward' ? outcome.to[0]?.request.authority : undefined;
    };
    expect(sent('')).toBe('of-destination');
    expect(sent('rewrite: {authority: of-route}, ')).toBe('of-route');
  });
});
