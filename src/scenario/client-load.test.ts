import { describe, expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';
import { Run, type RunOptions } from './run.ts';
import type { RunResult, TrafficResult } from './run-result.ts';

const MS = 1e6;

/** One service, `api`, of some pods, in a mesh that takes no time; `web` calls it. */
function run(
  clients: string,
  more = '',
  options: RunOptions = {},
  files: Record<string, string> = {},
  objects = '',
): RunResult {
  const text = `duration: 20s
proxy: { latency: 0, concurrency: 1 }
network: { latency: 0 }
push: { delay: 0 }
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } } } } }
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: api }, spec: { replicas: 3, template: { metadata: { labels: { app: api } }, spec: { containers: [{ name: c, ports: [{ containerPort: 8080 }] }] } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: api }, spec: { selector: { app: api }, ports: [{ name: http, port: 80, targetPort: 8080 }, { name: tcp-raw, port: 90, targetPort: 8090 }] } }
  - { apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: { name: api }, spec: { hosts: [api], http: [{ route: [{ destination: { host: api } }], retries: { attempts: 0 } }] } }${objects}
clients: { ${clients} }
${more}`;
  const fileSystem: ScenarioFileSystem = {
    readFile: (path) => ({ text: files[path] ?? text }),
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  expect(loaded.diagnostics).toEqual([]);
  const prepared = prepareExperiment(loaded.scenario!, fileSystem);
  expect(prepared.diagnostics).toEqual([]);
  return new Run(prepared.experiment!, options).finish();
}

const load = (how: string, more = '') =>
  `load: { from: web, request: GET http://api/, ${more} load: ${how} }`;
const client = ({ clients }: RunResult): TrafficResult => clients[0]!;

function problems(clients: string): readonly string[] {
  const text = `mesh: mesh.yaml\nclients: { ${clients} }\n`;
  const fileSystem: ScenarioFileSystem = {
    readFile: () => ({ text }),
    listFiles: () => undefined,
  };
  return loadScenario('scenario.yaml', fileSystem).diagnostics.map(({ message }) => message);
}

/** When each request of the client began. */
function starts(clients: string, more = '', files: Record<string, string> = {}): readonly number[] {
  const found: number[] = [];
  const trace: RunOptions['trace'] = ({ kind, startNs }) => {
    if (kind === 'client') found.push(startNs / MS);
  };
  run(clients, more, { trace }, files);
  return found.sort((a, b) => a - b);
}

describe('an open loop', () => {
  it('drops and counts what would be too many requests at once', () => {
    const slow = 'workloads: { api: { latency: 1s } }';
    const result = run(load('{ rate: 10/s, arrivals: constant, maxConcurrency: 4 }'), slow);
    // Four at a time, a second each; the other six of a second are dropped.
    expect(client(result)).toMatchObject({ requestCount: 80, droppedCount: 120 });
    const free = run(load('{ rate: 10/s, arrivals: constant }'), slow);
    expect(client(free)).toMatchObject({ requestCount: 200, droppedCount: 0 });
  });

  it('can be asked how much it dropped', () => {
    const { expectations } = run(
      load('{ rate: 10/s, arrivals: constant, maxConcurrency: 4 }'),
      `workloads: { api: { latency: 1s } }
expect: [{ that: 'count(dropped{client="load"})', is: "== 120" }]`,
    );
    expect(expectations[0]).toMatchObject({ holds: true });
  });

  it('sends on and off', () => {
    const times = starts(load('{ rate: 10/s, arrivals: { on: 1s, off: 4s } }'));
    expect(times.length).toBeGreaterThan(150);
    expect(times.filter((at) => at % 5000 >= 1000)).toEqual([]);
  });

  it('gives up what is open when its graceful stop is over', () => {
    const slow = 'workloads: { api: { latency: 8s } }';
    const patient = run(load('{ rate: 1/s, arrivals: constant }'), slow);
    expect(client(patient)).toMatchObject({ requestCount: 20, unfinishedCount: 0 });
    const hasty = run(load('{ rate: 1/s, arrivals: constant }', 'gracefulStop: 2500ms,'), slow);
    // Those of 0 to 14 s have their answer at 22 s at the latest.
    expect(client(hasty)).toMatchObject({ requestCount: 15, unfinishedCount: 5 });
  });
});

describe('the users of a closed loop', () => {
  it('come one after another up a ramp and leave when their requests are answered', () => {
    const stages = '[{ ramp: 4, for: 4s }, { concurrency: 2, for: 2s }]';
    const times = starts(load(`{ stages: ${stages} }`), 'workloads: { api: { latency: 500ms } }');
    const inSecond = (second: number): number =>
      times.filter((at) => at >= second * 1000 && at < (second + 1) * 1000).length;
    expect([0, 1, 2, 3, 4, 5, 6].map(inSecond)).toEqual([0, 2, 4, 6, 4, 4, 0]);
  });

  it('are as long as their stages', () => {
    const text = 'stages: [{ concurrency: 1, for: 3s }, { ramp: 0, for: 1s }]';
    const fileSystem: ScenarioFileSystem = {
      readFile: () => ({ text: `mesh: m.yaml\nclients: { ${load(`{ ${text} }`)} }` }),
      listFiles: () => undefined,
    };
    expect(loadScenario('s.yaml', fileSystem).scenario?.durationNs).toBe(4e9);
  });

  it('think as long as a distribution says, each pause a draw of its own', () => {
    const times = starts(load('{ concurrency: 1, think: { uniform: [100ms, 300ms] } }'));
    const gaps = times.slice(1).map((at, index) => at - times[index]! - 10);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(99.9);
    expect(Math.max(...gaps)).toBeLessThan(300);
    expect(gaps.reduce((a, b) => a + b, 0) / gaps.length).toBeCloseTo(200, -1.3);
    expect(new Set(gaps).size).toBeGreaterThan(gaps.length / 2);
  });
});

describe('an impatient client', () => {
  const failing = 'workloads: { api: { errors: { 503: 50% } } }';

  it('tries again after a 5xx, and the tries count as one request', () => {
    const share = (retries: string) => client(run(load('{ rate: 100/s }', retries), failing));
    expect(share('').successShare).toBeCloseTo(0.5, 1);
    expect(share('retries: 3,').successShare).toBeCloseTo(1 - 0.5 ** 4, 1);
    expect(share('retries: 3,').requestCount).toBe(share('').requestCount);
    // 1 + 1/2 + 1/4 + 1/8.
    expect(share('retries: 3,').attemptsPerRequest).toBeCloseTo(1.875, 1);
  });

  it('waits between its tries, and its latency has all of them', () => {
    const down = 'workloads: { api: { errors: { 503: 100% } } }';
    const retries = 'retries: { attempts: 2, backoff: 100ms },';
    const { latency } = client(run(load('{ rate: 10/s }', retries), down));
    expect(latency.mean / MS).toBeCloseTo(230, 0);
  });

  it('has a timeout for each try', () => {
    const slow = 'workloads: { api: { latency: 1s } }';
    const { latency, responses } = client(
      run(load('{ rate: 10/s }', 'timeout: 50ms, retries: 1,'), slow),
    );
    expect(latency.mean / MS).toBeCloseTo(100, 0);
    expect(responses.map(({ code }) => code)).toEqual([0]);
  });

  it('leaves arrivals and the service of first tries as they are', () => {
    const serviceOf = (retries: string): readonly string[] => {
      const found: string[] = [];
      const trace: RunOptions['trace'] = ({ kind, rootNumber, attempt, startNs, endNs }) => {
        if (kind === 'client') found.push(`client ${rootNumber} ${startNs}`);
        if (kind === 'service' && attempt === 1) found.push(`${rootNumber} ${endNs - startNs}`);
      };
      const workload =
        'workloads: { api: { latency: { p50: 5ms, p99: 50ms }, errors: { 500: 30% } } }';
      run(load('{ rate: 50/s }', retries), workload, { trace });
      return found.sort();
    };
    expect(serviceOf('retries: 2,')).toEqual(serviceOf(''));
  });
});

describe('users with sessions', () => {
  const sticky = `
  - { apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: { name: api }, spec: { host: api, trafficPolicy: { loadBalancer: { consistentHash: { httpCookie: { name: sid, ttl: 1h } } } } } }`;

  /** For each user, told by their own path, the pods that have served them. */
  function podsOfUsers(keys: string, how: string, count: number): readonly ReadonlySet<string>[] {
    const paths = Array.from({ length: count }, (_, index) => `/u${index + 1}`);
    // Each user has a latency of their own, which tells whose request it was.
    const rules = paths.map((path, index) => `{ path: ${path}, constant: ${index + 1}ms }`);
    const pods = paths.map(() => new Set<string>());
    const trace: RunOptions['trace'] = ({ kind, at, startNs, endNs }) => {
      if (kind === 'service') pods[Math.round((endNs - startNs) / MS) - 1]!.add(at);
    };
    const workloads = `workloads: { api: { latency: { by: [${rules.join(', ')}] } } }`;
    const clients = `load: { from: web, request: "GET http://api/u{user}", ${keys} load: ${how} }`;
    run(clients, workloads, { trace }, {}, sticky);
    return pods;
  }

  it('are served by one pod each when they keep the cookie of a hash policy', () => {
    const kept = podsOfUsers('users: 12, cookies: true,', '{ rate: 50/s }', 12);
    expect(kept.map((pods) => pods.size)).toEqual(new Array(12).fill(1));
    // Not all by the same: each user has a port of their own, and Envoy makes the cookie from it.
    expect(new Set(kept.flatMap((pods) => [...pods])).size).toBe(3);
  });

  it('belong to a closed loop, too', () => {
    const kept = podsOfUsers('cookies: true,', '{ concurrency: 12, think: 100ms }', 12);
    expect(kept.map((pods) => pods.size)).toEqual(new Array(12).fill(1));
    expect(new Set(kept.flatMap((pods) => [...pods])).size).toBe(3);
  });

  it('send by popularity', () => {
    const times: number[] = [];
    const trace: RunOptions['trace'] = ({ kind, startNs, endNs }) => {
      if (kind === 'service') times.push(Math.round((endNs - startNs) / MS));
    };
    run(
      'load: { from: web, request: "GET http://api/u{user}", users: { population: 3, popularity: { zipf: 1 } }, load: { rate: 300/s } }',
      'workloads: { api: { latency: { constant: 3ms, by: [{ path: /u1, constant: 1ms }, { path: /u2, constant: 2ms }] } } }',
      { trace },
    );
    const shares = [1, 2, 3].map((ms) => times.filter((it) => it === ms).length / times.length);
    // 6/11, 3/11, 2/11.
    expect(shares.map((share) => Math.round(share * 11))).toEqual([6, 3, 2]);
  });
});

describe('a TCP client', () => {
  it('keeps its sessions as long as it is told, and sends so many bytes', () => {
    const result = run(
      'load: { from: web, request: tcp://api:90, duration: { uniform: [1s, 3s] }, bytes: 1000, load: { rate: 5/s } }',
      `expect: [{ that: 'mean(connections{proxy=~"web.*"})', during: 5s..20s, is: 7..13 }]`,
    );
    expect(client(result).latency.mean / MS).toBeGreaterThan(1800);
    expect(client(result).latency.mean / MS).toBeLessThan(2200);
    expect(client(result).latency.max / MS).toBeLessThan(3010);
    expect(result.expectations[0]).toMatchObject({ holds: true });
  });

  it('ends at once without a length of its own', () => {
    const { latency } = client(
      run('load: { from: web, request: tcp://api:90, load: { rate: 5/s } }'),
    );
    expect(latency.max / MS).toBeCloseTo(10, 0);
  });
});

describe('a replay', () => {
  it('sends what the log says when the log says it', () => {
    const log = 'time,method,path\n1s,POST,/a\n2.5s,GET,/b\n2.5s,GET,/b\n';
    const result = run(
      load('{ replay: log.csv }'),
      'workloads: { api: { latency: { constant: 1ms, by: [{ path: /b, constant: 200ms }, { method: POST, constant: 50ms }] } } }',
      {},
      { 'log.csv': log },
    );
    expect(client(result).requestCount).toBe(3);
    expect(client(result).latency.mean / MS).toBeCloseTo(150, 0);
    expect(starts(load('{ replay: log.csv }'), '', { 'log.csv': log })).toEqual([1000, 2500, 2500]);
  });
});

describe('a load that cannot be', () => {
  it.each([
    [load('{ rate: 1/s, think: 1s }'), '"think" belongs to a closed loop'],
    [load('{ concurrency: 2, maxConcurrency: 3 }'), '"maxConcurrency" belongs to an open loop'],
    [load('{ concurrency: 2, arrivals: bursty }'), '"arrivals" belongs to an open loop'],
    [load('{ stages: [{ rate: 5/s, for: 1s }, { ramp: 4, for: 1s }] }'), 'a rate among stages'],
    [load('{ stages: [{ concurrency: 5, for: 1s }, { ramp: 4/s, for: 1s }] }'), 'a rate among'],
    [load('{ concurrency: 2 }', 'users: 5,'), '"users" belongs to an open loop'],
    [load('{ rate: 2/s }', 'cookies: true,'), '"cookies" needs somebody to keep them'],
    [load('{ rate: 2/s }', 'duration: 5s,'), '"duration" belongs to a tcp:// session'],
    [load('{ rate: 2/s, arrivals: { on: 1s, of: 2s } }'), 'unknown key "of"'],
    [load('{ rate: 2/s }', 'retries: { attempt: 2 },'), 'unknown key "attempt"'],
    [load('{ rate: 2/s }', 'users: { population: 5, popularity: { ziph: 1 } },'), 'unknown key'],
  ])('is refused: %s', (clients, message) => {
    expect(problems(clients).join('\n')).toContain(message);
  });
});
