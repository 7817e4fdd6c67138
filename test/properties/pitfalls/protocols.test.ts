import { describe, expect, it } from 'vitest';
import {
  answers,
  ask,
  called,
  deployment,
  destinationRule,
  networking,
  type Part,
  peerAuthentication,
  SUBSETS,
  service,
  serviceEntry,
  virtualService,
} from './ask.ts';

const REGISTRY_ONLY = { meshConfig: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } } };
const EXT = 'GET http://ext.example.com/';

describe('protocols, TCP and hosts outside', () => {
  const unnamed = service('odd', '{app: c}', '{name: web, port: 8088, targetPort: 8080}');
  it('X1: a port without a protocol in its name is sniffed: HTTP rules hold', () => {
    const mesh =
      unnamed + virtualService('{hosts: [odd], http: [{directResponse: {status: 418}}]}');
    expect(answers({ mesh, request: 'GET http://odd:8088/' })).toBe('418');
  });
  it('X2: a sniffed port waits for the caller’s bytes without a timeout', () => {
    const { listener } = called(unnamed, 'web', { url: 'http://odd:8088/' });
    const sniffed = JSON.stringify(listener);
    expect(listener?.listenerFiltersTimeout ?? '0s').toBe('0s');
    expect(sniffed).toContain('http_inspector');
  });
  it('X3: an HTTP application behind a tcp- port has no rules, no retries', () => {
    const mesh =
      service('raw', '{app: c}', '{name: tcp-x, port: 7000, targetPort: 8080}') +
      virtualService(
        '{hosts: [raw], http: [{retries: {attempts: 3, retryOn: 5xx}, route: [{destination: {host: raw}}]}]}',
      );
    const asked = ask({
      mesh,
      request: 'GET http://raw:7000/',
      scenario: { workloads: { c: { errors: { 503: '100%' } } } },
      count: 5,
    });
    expect(asked.served.get('c')).toBe(5);
  });
  it('X6: an unknown HTTP host under REGISTRY_ONLY: 502 without a flag', () => {
    expect(answers({ request: EXT, scenario: REGISTRY_ONLY })).toBe('502');
  });
  it('X7: an unknown TLS host under REGISTRY_ONLY: the connection is closed', () => {
    expect(answers({ request: 'GET https://ext.example.com/', scenario: REGISTRY_ONLY })).toMatch(
      /^0/,
    );
  });
  it('X8: under ALLOW_ANY it is passed through, without the rules of the mesh', () => {
    const asked = ask({ request: EXT });
    expect(asked.kinds).toBe('200');
    expect(asked.result.edges.map(({ destination }) => destination)).toEqual([
      'unknown/PassthroughCluster',
    ]);
  });
  // Of port 80 the proxy still knows d.
  const D = service('d', '{app: c}', '{name: http, port: 80, targetPort: 8080}');
  const ONLY_D = 'egress: [{hosts: ["ns/d.ns.svc.cluster.local"]}]';
  const narrow = D + networking('Sidecar', 'narrow', `{${ONLY_D}}`);
  it('X9: a service that a Sidecar leaves out is an unknown host', () => {
    const strict = peerAuthentication('{mtls: {mode: STRICT}}');
    expect(answers({ mesh: narrow })).toBe('200');
    expect(answers({ mesh: narrow + strict })).toBe('503 UC');
    const closed = `{outboundTrafficPolicy: {mode: REGISTRY_ONLY}, ${ONLY_D}}`;
    const only = D + networking('Sidecar', 'narrow', closed);
    expect(answers({ mesh: only })).toBe('502');
  });
  const alias = (ports: string) =>
    service(
      'alias',
      '{}',
      ports,
      'type: ExternalName, externalName: b.ns.svc.cluster.local',
    ).replace('selector: {}, ', '');
  it('X10: an ExternalName Service is another name of a service in the mesh', () => {
    const mesh =
      alias('{name: http, port: 80}') +
      virtualService('{hosts: [b], http: [{directResponse: {status: 418}}]}');
    expect(answers({ mesh, request: 'GET http://alias/' })).toBe('418');
    const portless =
      alias('').replace('ports: [], ', '') +
      virtualService('{hosts: [c], http: [{route: [{destination: {host: alias}}]}]}');
    expect(answers({ mesh: portless, request: 'GET http://c:8080/' })).toBe('503 NC');
  });
  it('X11: an ExternalName to the internet without ServiceEntry is an unknown host', () => {
    const mesh =
      service(
        'out',
        '{}',
        '{name: http, port: 80}',
        'type: ExternalName, externalName: ext.example.com',
      ).replace('selector: {}, ', '') +
      virtualService(
        '{hosts: [c], http: [{route: [{destination: {host: out, port: {number: 80}}}]}]}',
      );
    expect(answers({ mesh, request: 'GET http://out/' })).toBe('200');
    expect(answers({ mesh, request: 'GET http://out/', scenario: REGISTRY_ONLY })).toBe('502');
    expect(answers({ mesh, request: 'GET http://c:8080/' })).toBe('503 NC');
  });
  const HTTP = 'ports: [{number: 80, name: http, protocol: HTTP}]';
  it('X12: a wildcard ServiceEntry that DNS would have to resolve is refused', () => {
    expect(() =>
      ask({ mesh: serviceEntry(`{hosts: ["*.x.com"], ${HTTP}, resolution: DNS}`) }),
    ).toThrow('hosts must be FQDN');
  });
  it('X13: with resolution NONE requests go where the application resolved', () => {
    const mesh = serviceEntry(`{hosts: ["*.x.com"], ${HTTP}, resolution: NONE}`);
    expect(answers({ mesh, request: 'GET http://a.x.com/', scenario: REGISTRY_ONLY })).toBe('200');
  });
  it('X13b: an exact host that only a wildcard covers has no cluster: 503 NC', () => {
    const mesh =
      serviceEntry(`{hosts: ["*.x.com"], ${HTTP}, resolution: NONE}`) +
      virtualService('{hosts: [a.x.com], http: [{route: [{destination: {host: a.x.com}}]}]}');
    expect(answers({ mesh, request: 'GET http://a.x.com/' })).toBe('503 NC');
  });
  it('X14: a TCP ServiceEntry without addresses takes every connection of its port', () => {
    const mesh = serviceEntry(
      '{hosts: [db.example.com], ports: [{number: 5432, name: tcp, protocol: TCP}], resolution: STATIC, endpoints: [{address: 198.18.9.9}]}',
    );
    const { listener, tcpProxy } = called(mesh, 'web', { url: 'http://whoever.example.com:5432/' });
    expect(listener?.name).toBe('0.0.0.0_5432');
    expect(tcpProxy?.cluster).toBe('outbound|5432||db.example.com');
  });
  const SECURE = 'ports: [{number: 443, name: https, protocol: HTTPS}], resolution: DNS';
  it('X15: TLS of the rule around TLS of the application', () => {
    const mesh =
      serviceEntry(`{hosts: [ext.example.com], ${SECURE}}`) +
      destinationRule('{host: ext.example.com, trafficPolicy: {tls: {mode: SIMPLE}}}');
    const { tcpProxy } = called(mesh, 'web', { url: 'https://ext.example.com:443/' });
    expect(tcpProxy?.cluster).toBe('outbound|443||ext.example.com');
  });
  it('X16: plain HTTP that a rule sends to port 443 stays plain', () => {
    const mesh =
      serviceEntry(
        `{hosts: [ext.example.com], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: https, protocol: HTTPS}], resolution: DNS}`,
      ) +
      virtualService(
        '{hosts: [ext.example.com], http: [{route: [{destination: {host: ext.example.com, port: {number: 443}}}]}]}',
      );
    const { routing } = called(mesh, 'web', { url: 'http://ext.example.com/' });
    expect(routing?.outcome).toMatchObject({ to: [{ cluster: 'outbound|443||ext.example.com' }] });
  });
  it('X18: of a headless service subsets do not separate, and nothing is balanced', () => {
    const headless = service('hl', '{app: b}', '{name: http, port: 8080}', 'clusterIP: None');
    const mesh =
      headless +
      destinationRule('{host: hl, subsets: [{name: v1, labels: {version: v1}}]}') +
      virtualService('{hosts: [hl], http: [{route: [{destination: {host: hl, subset: v1}}]}]}');
    const { served } = ask({
      mesh,
      request: 'GET http://hl:8080/',
      count: 40,
      client: { load: { concurrency: 4, requests: 40 } },
    });
    expect(served.get('b-v2') ?? 0).toBeGreaterThan(0);
  });
  it('X19: a pod that is gone, by its address: 503 UF', () => {
    const pod = `
---
apiVersion: v1
kind: Pod
metadata: {name: hl-1, namespace: ns, labels: {app: hl}}
spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}
status: {podIP: 10.244.77.77}`;
    const headless = service('hl', '{app: hl}', '{name: http, port: 8080}', 'clusterIP: None');
    const asked = ask({
      mesh: headless + pod,
      request: 'GET http://10.244.77.77:8080/',
      client: { load: { rate: '10/s', arrivals: 'constant' } },
      scenario: { duration: '8s', timeline: [{ at: '3.95s', kill: 'hl-1' }] },
    });
    expect([...asked.counts]).toEqual([
      ['200', 40],
      ['503 UF', 40],
    ]);
  });
  it('X20: weights of TCP routes choose for a connection', () => {
    const mesh =
      SUBSETS +
      service('raw', '{app: b}', '{name: tcp-x, port: 7000, targetPort: 8080}') +
      destinationRule(
        '{host: raw, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}',
      ) +
      virtualService(
        '{hosts: [raw], tcp: [{route: [{destination: {host: raw, subset: v1}, weight: 90}, {destination: {host: raw, subset: v2}, weight: 10}]}]}',
      );
    const { tcpProxy } = called(mesh, 'web', { url: 'http://raw:7000/' });
    expect(tcpProxy?.weightedClusters?.clusters).toMatchObject([{ weight: 90 }, { weight: 10 }]);
  });
  it('X21: timeouts, retries and faults are no fields of TCP routes', () => {
    expect(() =>
      ask({
        mesh: virtualService(
          '{hosts: [b], tcp: [{timeout: 1s, route: [{destination: {host: b}}]}]}',
        ),
      }),
    ).toThrow('timeout');
  });
  it('X17: a credential of a rule without workloadSelector: a sidecar sends plain text', () => {
    const mesh =
      serviceEntry(
        '{hosts: [ext.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}',
      ) +
      destinationRule(
        '{host: ext.example.com, trafficPolicy: {tls: {mode: SIMPLE, credentialName: cred}}}',
      );
    expect(answers({ mesh, request: EXT })).toBe('200');
  });
  it('X22: a pod called by its address, STRICT: 503 UC', () => {
    const pod =
      '\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: lone, namespace: ns, labels: {app: lone}}\nspec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}\nstatus: {podIP: 10.244.9.9}' +
      service('lone', '{app: lone}', '{name: http, port: 8080}');
    expect(answers({ mesh: pod, request: 'GET http://10.244.9.9:8080/' })).toBe('200');
    expect(
      answers({
        mesh: pod + peerAuthentication('{mtls: {mode: STRICT}}'),
        request: 'GET http://10.244.9.9:8080/',
      }),
    ).toBe('503 UC');
  });
});

describe('mTLS and pods', () => {
  const STRICT = peerAuthentication('{mtls: {mode: STRICT}}');
  const PLAIN = '{sidecar.istio.io/inject: "false"}';
  const tls = (settings: string, host = 'b') =>
    destinationRule(`{host: ${host}, trafficPolicy: {tls: ${settings}}}`);
  it('M1: a caller outside the mesh, STRICT: the connection is closed', () => {
    expect(answers({ mesh: STRICT, client: { sidecar: false } })).toMatch(/^0/);
  });
  it('M2: a rule that turns TLS off, STRICT: 503 UC, not retried', () => {
    const asked = ask({ mesh: STRICT + tls('{mode: DISABLE}'), count: 5 });
    expect(asked.kinds).toBe('503 UC');
    expect(asked.attemptsPerRequest).toBe(1);
  });
  it('M3: ISTIO_MUTUAL to a pod without sidecar, or with TLS off: 503 URX,UF', () => {
    const base = [
      deployment('web', 'app: web'),
      deployment('b', 'app: b', { annotations: PLAIN }),
      service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}'),
    ].join('\n');
    expect(answers({ base, mesh: tls('{mode: ISTIO_MUTUAL}') })).toBe('503 URX,UF');
    expect(
      answers({
        mesh: peerAuthentication('{mtls: {mode: DISABLE}}') + tls('{mode: ISTIO_MUTUAL}'),
      }),
    ).toBe('503 URX,UF');
  });
  it('M4: a rule about something else leaves automatic mTLS on', () => {
    const mesh =
      STRICT +
      destinationRule('{host: b, trafficPolicy: {connectionPool: {http: {maxRetries: 5}}}}');
    expect(answers({ mesh })).toBe('200');
  });
  it('M5: portLevelMtls is keyed by the port of the workload', () => {
    const policy = (port: number) =>
      peerAuthentication(
        `{selector: {matchLabels: {app: b}}, mtls: {mode: PERMISSIVE}, portLevelMtls: {${port}: {mode: STRICT}}}`,
      );
    const client = { sidecar: false };
    expect(answers({ mesh: policy(80), client })).toBe('200');
    expect(answers({ mesh: policy(8080), client })).toMatch(/^0/);
  });
  it('M6: an excluded inbound port does not know the mTLS of its callers: 503 URX,UF', () => {
    const base = [
      deployment('web', 'app: web'),
      deployment('b', 'app: b', {
        annotations: '{traffic.sidecar.istio.io/excludeInboundPorts: "8080"}',
      }),
      service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}'),
    ].join('\n');
    expect(answers({ base })).toBe('503 URX,UF');
    expect(answers({ base, mesh: tls('{mode: DISABLE}') })).toBe('200');
  });
  it('M7: an application that listens on localhost alone: 503, unless its Sidecar says 127.0.0.1', () => {
    const asked = (mesh: string, listen: string) =>
      ask({
        mesh,
        request: 'GET http://c:8080/',
        scenario: { workloads: { c: { listen } } },
      });
    const refused = asked('', 'localhost').result;
    // The caller is answered 503 by the server's proxy, whose connection is refused.
    expect(refused.clients[0]!.responses).toMatchObject([{ code: 503, flags: '-' }]);
    expect(asked('', 'all').kinds).toBe('200');
    const ingress = (endpoint: string) =>
      networking(
        'Sidecar',
        'ingress',
        `{workloadSelector: {labels: {app: c}}, ingress: [{port: {number: 8080, protocol: HTTP, name: http}, defaultEndpoint: '${endpoint}'}]}`,
      );
    expect(asked(ingress('0.0.0.0:8080'), 'localhost').kinds).toBe('503');
    for (const endpoint of ['127.0.0.1:8080', '[::1]:8080', 'unix:///run/app.sock'])
      expect(asked(ingress(endpoint), 'localhost').kinds).toBe('200');
  });
  it('M13: with pods that are not ready alone: 503 UH', () => {
    const notReady =
      '\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: lone, namespace: ns, labels: {app: lone}}\nspec: {containers: [{name: app}]}\nstatus: {podIP: 10.244.9.9, conditions: [{type: Ready, status: "False"}]}' +
      service('lone', '{app: lone}', '{name: http, port: 8080}');
    expect(answers({ mesh: notReady, request: 'GET http://lone:8080/' })).toBe('503 UH');
  });
  it('M14: of two Services over one port the older says the protocol', () => {
    const OLD = 'creationTimestamp: "2026-01-01T00:00:00Z"';
    const NEW = 'creationTimestamp: "2026-02-01T00:00:00Z"';
    const one = (name: string, port: string, created: string) =>
      service(name, '{app: c}', `{name: ${port}, port: 8080}`).replace(
        'namespace: ns}',
        `namespace: ns, ${created}}`,
      );
    const inbound = (mesh: string) => {
      const base = deployment('web', 'app: web') + deployment('c', 'app: c');
      return ask({ base: base + mesh, request: 'GET http://first:8080/', count: 3 }).kinds;
    };
    expect(inbound(one('first', 'http', OLD) + one('second', 'tcp', NEW))).toBe('200');
  });
  const events = (timeline: Part[], rest: Part = {}) =>
    ask({
      client: { load: { rate: '200/s', arrivals: 'constant' } },
      scenario: { duration: '8s', timeline, ...rest },
    });
  it('M8: a pod that is gone before its endpoint: refused, retried elsewhere, mostly unseen', () => {
    const { counts } = events([{ at: '2s', kill: 'b-v1' }]);
    expect((counts.get('200') ?? 0) / 1600).toBeGreaterThan(0.97);
  });
});
