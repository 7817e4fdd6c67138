import { describe, expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';
import { Run, type RunOptions } from './run.ts';
import type { RunResult } from './run-result.ts';

interface Parts {
  /** Of the workload `api`. */
  readonly kind?: string;
  readonly spec?: string;
  readonly podSpec?: string;
  readonly objects?: string;
  readonly keys: string;
  readonly load?: string;
}

function scenario({
  kind = 'Deployment',
  spec = 'replicas: 3,',
  podSpec = 'containers: [{ name: c, ports: [{ containerPort: 8080 }] }]',
  objects = '',
  keys,
  load = '{ rate: 100/s, arrivals: constant }',
}: Parts): string {
  return `proxy: { latency: 0 }
network: { latency: 0 }
push: { delay: 0 }
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } } } } }
  - { apiVersion: apps/v1, kind: ${kind}, metadata: { name: api }, spec: { ${spec} template: { metadata: { labels: { app: api } }, spec: { ${podSpec} } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: api }, spec: { selector: { app: api }, ports: [{ name: http, port: 80, targetPort: 8080 }] } }
  - { apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: { name: api }, spec: { hosts: [api], http: [{ route: [{ destination: { host: api } }], retries: { attempts: 0 } }] } }
  - { apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: { name: api }, spec: { host: api, trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } } } }
${objects}
clients: { load: { from: web, request: GET http://api/, timeout: 1s, load: ${load} } }
${keys}`;
}

function prepared(parts: Parts) {
  const fileSystem: ScenarioFileSystem = {
    readFile: () => ({ text: scenario(parts) }),
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  expect(loaded.diagnostics).toEqual([]);
  return prepareExperiment(loaded.scenario!, fileSystem);
}

function run(parts: Parts, options: RunOptions = {}): RunResult {
  const { experiment, diagnostics } = prepared(parts);
  expect(diagnostics).toEqual([]);
  return new Run(experiment!, options).finish();
}

/** By full second: the pods that answered. */
function podsBySecond(parts: Parts): readonly (readonly string[])[] {
  const seconds: Set<string>[] = [];
  const trace: RunOptions['trace'] = ({ kind, at, endNs }) => {
    if (kind !== 'service') return;
    const second = Math.floor(endNs / 1e9);
    seconds[second] ??= new Set();
    seconds[second].add(at);
  };
  run(parts, { trace });
  const count = Math.floor(seconds.length - 1);
  return Array.from({ length: count }, (_, second) => [...(seconds[second] ?? [])].sort());
}

/** What autoscalers did, by second. */
const notes = ({ events }: RunResult): readonly string[] =>
  events
    .flatMap((event) => ('text' in event ? [`${event.atNs / 1e9} ${String(event.text)}`] : []))
    .filter((text) => text.includes('autoscaler'));
const failures = ({ clients }: RunResult): number =>
  clients[0]!.responses
    .filter(({ code }) => code !== 200)
    .reduce((sum, { count }) => sum + count, 0);

describe('a StatefulSet', () => {
  const set = { kind: 'StatefulSet', spec: 'serviceName: api, replicas: 3,' };

  it('replaces its pods from the highest ordinal down, one after another, names and all', () => {
    const keys = `duration: 40s
workloads: { api: { lifecycle: { ready: 5s, drain: 1s } } }
timeline: [{ at: 5s, rollout: api }]`;
    const pods = podsBySecond({ ...set, keys });
    const missing = pods.map((present) =>
      ['api-0', 'api-1', 'api-2'].filter((name) => !present.includes(name)).join(),
    );
    // Gone after a second or so, ready five seconds later.
    expect([...new Set(missing)]).toEqual(['', 'api-2', 'api-1', 'api-0']);
    expect(missing.filter((name) => name === 'api-1').length).toBeGreaterThanOrEqual(5);
    expect(missing.slice(25)).toEqual(new Array(missing.length - 25).fill(''));
  });

  it('leaves ordinals below its partition alone', () => {
    const keys = `duration: 30s
workloads: { api: { lifecycle: { ready: 3s, drain: 1s } } }
timeline: [{ at: 5s, rollout: api }]`;
    const spec = `${set.spec} updateStrategy: { rollingUpdate: { partition: 2 } },`;
    const pods = podsBySecond({ ...set, spec, keys });
    expect(pods.every((present) => present.includes('api-0') && present.includes('api-1'))).toBe(
      true,
    );
    expect(pods.some((present) => !present.includes('api-2'))).toBe(true);
  });

  it.each([
    ['one after another', '', [1, 2, 3, 4]],
    ['all at once when it may', 'podManagementPolicy: Parallel,', [1, 4]],
  ])('scales up %s', (_, policy, counts) => {
    const keys = `duration: 30s
workloads: { api: { lifecycle: { ready: 4s } } }
timeline: [{ at: 5s, scale: api, to: 4 }]`;
    const pods = podsBySecond({ kind: 'StatefulSet', spec: `replicas: 1, ${policy}`, keys });
    expect([...new Set(pods.map((present) => present.length))]).toEqual(counts);
  });

  it('scales down one after another, the highest ordinal first', () => {
    const keys = `duration: 30s
workloads: { api: { lifecycle: { preStop: 3s, drain: 6s } } }
timeline: [{ at: 5s, scale: api, to: 1 }]`;
    const pods = podsBySecond({ ...set, keys });
    const last = (name: string) => pods.findLastIndex((present) => present.includes(name));
    expect(last('api-2')).toBeLessThan(last('api-1') - 3);
    expect(pods.at(-1)).toEqual(['api-0']);
  });
});

describe('a Deployment of more than nine pods', () => {
  it('loses the last ones when it is scaled down', () => {
    const keys = `duration: 15s
workloads: { api: { lifecycle: { preStop: 3s } } }
timeline: [{ at: 5s, scale: api, to: 9 }]`;
    const parts = { spec: 'replicas: 12,', keys };
    expect(failures(run(parts))).toBe(0);
    const nine = Array.from({ length: 9 }, (_, index) => `api-${index + 1}`);
    expect(podsBySecond(parts).at(-1)).toEqual(nine);
  });
});

describe('a pod with a readiness probe', () => {
  it('is no endpoint before its initial delay and its successes', () => {
    const probe =
      'readinessProbe: { httpGet: { path: /, port: 8080 }, initialDelaySeconds: 4, periodSeconds: 3, successThreshold: 2 }';
    const podSpec = `containers: [{ name: c, ports: [{ containerPort: 8080 }], ${probe} }]`;
    const pods = podsBySecond({
      spec: 'replicas: 1,',
      podSpec,
      keys: 'duration: 20s\ntimeline: [{ at: 5s, scale: api, to: 2 }]',
    });
    expect(pods.findIndex((present) => present.length === 2)).toBe(12);
  });
});

describe('a running pod whose readiness probes fail', () => {
  const probe =
    'readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 2, failureThreshold: 2 }';
  const podSpec = `containers: [{ name: c, ports: [{ containerPort: 8080 }], ${probe} }]`;
  const timeline = (set: string) =>
    `duration: 30s\ntimeline: [{ at: 5s, workload: api, set: { ${set} } }, { at: 15s, workload: api, set: { ready: true } }]`;

  it('leaves the endpoints after failureThreshold periods, and is back after one good probe', () => {
    const keys = timeline('pods: { api-2: { ready: false } }');
    const pods = podsBySecond({ podSpec, keys });
    const missing = pods.flatMap((present, second) => (present.includes('api-2') ? [] : [second]));
    expect(missing).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
    expect(failures(run({ podSpec, keys }))).toBe(0);
  });

  it('leaves nobody to answer when it is all of them', () => {
    const result = run({ podSpec, keys: timeline('ready: false') });
    // 100/s until 17 s; from 10 s, because Envoy merges changes of health alone within a second of the first.
    expect(failures(result)).toBe(700);
    expect(result.clients[0]!.responses[1]).toMatchObject({ code: 503, flags: 'UH' });
  });

  it('stays when it is ready again before the kubelet has noticed', () => {
    const keys = `duration: 20s
timeline: [{ at: 5s, workload: api, set: { ready: false } }, { at: 7s, workload: api, set: { ready: true } }]`;
    expect(failures(run({ podSpec, keys }))).toBe(0);
    expect(podsBySecond({ podSpec, keys }).every((present) => present.length === 3)).toBe(true);
  });
});

describe('a rollout with minReadySeconds', () => {
  it('lets an old pod go only when a new one has been ready for so long', () => {
    const strategy = 'strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },';
    const keys = `duration: 60s
workloads: { api: { lifecycle: { ready: 2s, preStop: 3s } } }
timeline: [{ at: 5s, rollout: api }]`;
    const lastStep = (spec: string) => {
      const pushes = run({ spec, keys }).events.filter(({ kind }) => kind === 'push');
      return Math.round(Math.max(...pushes.map(({ atNs }) => atNs)) / 1e9);
    };
    expect(lastStep(`replicas: 3, ${strategy}`)).toBe(11);
    // Three pods, two seconds until each is ready, seven more until it counts.
    expect(lastStep(`replicas: 3, minReadySeconds: 7, ${strategy}`)).toBe(32);
  });
});

describe('a node that is lost', () => {
  const nodes = ['a', 'b'].map(
    (zone) =>
      `  - { apiVersion: v1, kind: Node, metadata: { name: node-${zone}, labels: { topology.kubernetes.io/region: eu, topology.kubernetes.io/zone: ${zone} } } }`,
  );
  const second = `  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: api-b }, spec: { template: { metadata: { labels: { app: api } }, spec: { nodeName: node-b, containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } } } }`;
  const parts = (keys: string): Parts => ({
    spec: 'replicas: 1,',
    podSpec: 'nodeName: node-a, containers: [{ name: c, ports: [{ containerPort: 8080 }] }]',
    objects: `${nodes.join('\n')}\n${second}`,
    keys,
  });

  it.each(['node: node-b', 'zone: b'])(
    'swallows what is sent to it until Kubernetes has noticed: %s',
    (place) => {
      const keys = `duration: 60s\ntimeline: [{ at: 10s, lose: { ${place} }, detect: 20s }]`;
      const result = run(parts(keys));
      // Every other request of twenty seconds: nobody says no, so the client's patience ends.
      expect(failures(result)).toBeGreaterThan(900);
      expect(failures(result)).toBeLessThan(1100);
      expect(result.clients[0]!.latency.max / 1e6).toBeCloseTo(1000, 0);
    },
  );

  it('is back with its pods', () => {
    const keys = `duration: 60s\ntimeline: [{ at: 10s, lose: { node: node-b }, detect: 5s, restart: 20s }]`;
    const pods = podsBySecond(parts(keys));
    expect(pods[20]).toEqual(['api-1']);
    expect(pods[40]).toEqual(['api-1', 'api-b-1']);
  });

  /** A pod of a ReplicaSet, as a cluster gives it. */
  const given = (spec = '') =>
    `  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: api-b }, spec: { template: { metadata: { labels: { app: api } }, spec: { containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } } } }
  - { apiVersion: v1, kind: Pod, metadata: { name: api-b-5f-x, labels: { app: api, pod-template-hash: 5f }, ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: api-b-5f, uid: u }] }, spec: { nodeName: node-b, ${spec} containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } }`;
  const evicted = (keys: string, spec?: string): Parts => ({
    ...parts(`duration: 400s\ntimeline: [{ at: 10s, lose: { node: node-b }, ${keys} }]`),
    objects: `${nodes.join('\n')}\n${given(spec)}`,
  });
  const BOTH = ['api-1', 'api-b-5f-x'];

  it('gives up its pods after five minutes: others are made on the nodes that are left', () => {
    const pods = podsBySecond(evicted('detect: 50s'));
    expect(pods[355]).toEqual(['api-1']);
    expect(pods[375]).toEqual(BOTH);
  });

  it('gives them up when they tolerate it no longer, and not if it is back before', () => {
    const soon =
      'tolerations: [{ key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 20 }],';
    expect(podsBySecond(evicted('detect: 50s', soon))[95]).toEqual(BOTH);
    const ever = soon.replace(', tolerationSeconds: 20', '');
    expect(podsBySecond(evicted('detect: 50s', ever))[395]).toEqual(['api-1']);
    expect(podsBySecond(evicted('detect: 50s, restart: 100s'))[130]).toEqual(BOTH);
  });

  it('leaves them nowhere to go when it was the last', () => {
    const alone = evicted('detect: 50s');
    const pods = podsBySecond({ ...alone, objects: `${nodes[1]}\n${given()}` });
    expect(pods[395]).toEqual(['api-1']);
  });

  it('must be one of those that pods are on', () => {
    const { diagnostics } = prepared(parts('timeline: [{ at: 10s, lose: { node: node-c } }]'));
    expect(diagnostics[0]).toMatchObject({
      message: 'the mesh has no node "node-c"',
      hint: 'did you mean "node-a"?',
    });
  });
});

describe('a HorizontalPodAutoscaler', () => {
  const autoscaler = (spec: string): string =>
    `  - { apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: { name: api }, spec: { scaleTargetRef: { kind: Deployment, name: api }, minReplicas: 1, maxReplicas: 10, ${spec} } }`;
  const podSpec =
    'containers: [{ name: c, ports: [{ containerPort: 8080 }], resources: { requests: { cpu: 500m } } }]';
  const cpu =
    'metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 50 } } }]';

  it('adds pods until their CPU is where it should be', () => {
    // 100/s of 10 ms are one core: 0.5 of 500 m each is 4 pods.
    const result = run({
      spec: 'replicas: 1,',
      podSpec,
      objects: autoscaler(cpu),
      keys: 'duration: 120s',
    });
    expect(notes(result)).toEqual(['15 autoscaler: default/api from 1 to 4']);
  });

  it('goes up in steps and down late, as its behaviour says', () => {
    const behaviour =
      'behavior: { scaleUp: { policies: [{ type: Pods, value: 1, periodSeconds: 30 }] }, scaleDown: { stabilizationWindowSeconds: 30 } }';
    const result = run({
      spec: 'replicas: 1,',
      podSpec,
      objects: autoscaler(`${cpu}, ${behaviour}`),
      load: '{ arrivals: constant, stages: [{ rate: 100/s, for: 120s }, { rate: 10/s, for: 120s }] }',
      keys: '',
    });
    expect(notes(result)).toEqual([
      '15 autoscaler: default/api from 1 to 2',
      '45 autoscaler: default/api from 2 to 3',
      '75 autoscaler: default/api from 3 to 4',
      '165 autoscaler: default/api from 4 to 1',
    ]);
  });

  it('counts requests, too', () => {
    const metrics =
      'metrics: [{ type: Pods, pods: { metric: { name: http_requests_per_second }, target: { type: AverageValue, averageValue: "20" } } }]';
    const result = run({
      spec: 'replicas: 1,',
      objects: autoscaler(metrics),
      keys: 'duration: 100s',
    });
    // 100/s at 20 each; twice as many as before within 15 s, or four more.
    expect(notes(result)).toEqual(['15 autoscaler: default/api from 1 to 5']);
  });

  it('is there from the moment that it is applied', () => {
    const text = autoscaler(cpu).trim().slice(2);
    const result = run({
      spec: 'replicas: 1,',
      podSpec,
      keys: `duration: 60s\ntimeline: [{ at: 20s, apply: [${text}] }]`,
    });
    expect(notes(result).at(-1)).toBe('35 autoscaler: default/api from 1 to 4');
  });
});
