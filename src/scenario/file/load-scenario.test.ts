import { describe, expect, it } from 'vitest';
import { diagnosticText } from '#source/diagnostic-text.ts';
import { member, textMember } from '#source/yaml-value.ts';
import type { ScenarioFileSystem } from './file-system.ts';
import { type LoadedScenario, type LoadOptions, loadScenario } from './load-scenario.ts';

const MINIMAL = `mesh: manifests
clients:
  shop: { from: web, request: GET http://catalog/, load: { rate: 50/s } }
`;

function fileSystemOf(files: Record<string, string>): ScenarioFileSystem {
  return {
    readFile: (path) =>
      files[path] === undefined ? { problem: 'no such file' } : { text: files[path] },
    listFiles: () => undefined,
  };
}

function load(text: string, options?: LoadOptions, others: Record<string, string> = {}) {
  return loadScenario(
    'demo/scenario.yaml',
    fileSystemOf({ 'demo/scenario.yaml': text, ...others }),
    options,
  );
}

/** What a user reads. */
function messages(loaded: LoadedScenario): string {
  const lineOf = (file: string, line: number) =>
    loaded.files.find((it) => it.name === file)?.line(line);
  return loaded.diagnostics.map((it) => diagnosticText(it, lineOf)).join('\n');
}

function scenarioOf(loaded: LoadedScenario) {
  expect(messages(loaded)).toBe('');
  return loaded.scenario!;
}

describe('a scenario file', () => {
  it('has a default for everything but the mesh and the clients', () => {
    const scenario = scenarioOf(load(MINIMAL));
    expect(scenario).toMatchObject({ seed: 1, durationNs: 60e9, warmupNs: 0, injection: 'all' });
    expect(scenario.mesh).toMatchObject([{ kind: 'path', path: 'demo/manifests' }]);
    expect(scenario.push).toMatchObject({ debounceNs: 100e6, p50Ns: 50e6, p99Ns: 500e6 });
    expect(scenario.clients.get('shop')?.value.load).toMatchObject({
      kind: 'open',
      arrivals: 'poisson',
      stages: [{ fromPerSecond: 50, toPerSecond: 50 }],
    });
  });

  it('takes its duration from the stages of a load', () => {
    const scenario = scenarioOf(
      load(
        MINIMAL.replace(
          '{ rate: 50/s }',
          '{ stages: [{ rate: 50/s, for: 30s }, { ramp: 200/s, for: 1m }] }',
        ),
      ),
    );
    expect(scenario.durationNs).toBe(90e9);
    expect(scenario.clients.get('shop')?.value.load).toMatchObject({
      stages: [
        { fromPerSecond: 50, toPerSecond: 50 },
        { fromPerSecond: 50, toPerSecond: 200 },
      ],
    });
  });

  it('reads every form of a workload', () => {
    const scenario = scenarioOf(
      load(`${MINIMAL}
workloads:
  '*': { latency: 5ms }
  shop/catalog-v2:
    latency: { p50: 12ms, p99: 80ms, by: [{ path: /slow*, constant: 1s }] }
    concurrency: 32
    queue: 200
    overload: 429
    errors: { 500: 5%, reset: 0.1% }
    calls:
      - GET http://inventory:8080/stock
      - parallel: [GET http://a/, { request: POST http://b/x, timeout: 1s, retries: 2, chance: 50%, onError: ignore }]
    forward: [End-User]
    sidecar: false
`),
    );
    expect(scenario.workloads.get('shop/catalog-v2')?.value).toMatchObject({
      latency: {
        latency: { kind: 'logNormal' },
        rules: [{ path: '/slow*', latency: { kind: 'constant', ns: 1e9 } }],
      },
      concurrency: 32,
      queue: 200,
      overloadStatus: 429,
      errors: { statuses: [{ status: 500, share: 0.05 }], resetShare: 0.001 },
      calls: [
        { calls: [{ target: { host: 'inventory', port: 8080, path: '/stock' } }] },
        {
          calls: [
            { onError: 'fail' },
            { retries: 2, chance: 0.5, onError: 'ignore', timeoutNs: 1e9 },
          ],
        },
      ],
      forward: ['end-user'],
      hasSidecar: false,
    });
  });

  it('reads every verb of a timeline', () => {
    const scenario = scenarioOf(
      load(`${MINIMAL}
timeline:
  - { at: 30s, apply: canary.yaml }
  - { at: 40s, delete: [VirtualService/reviews, old.yaml] }
  - { at: 50s, workload: catalog-v2, set: { errors: { 503: 40% } } }
  - { at: 51s, client: shop, set: { load: { rate: 5/s } } }
  - { at: 52s, external: api.example.com, set: { latency: 1s } }
  - { at: 60s, scale: catalog-v1, to: 3 }
  - { at: 70s, kill: catalog-v1, count: 1, restart: 10s }
  - { at: 80s, rollout: catalog-v1 }
  - { at: 81s, drain: catalog-v1 }
  - { at: 82s, partition: { between: [a, b], for: 5s } }
  - { at: 83s, network: { between: [a, b], latency: 10ms, loss: 1% } }
  - { at: 84s, note: here }
`),
    );
    expect(scenario.timeline.map(({ action }) => action.kind)).toEqual([
      'apply',
      'delete',
      'setWorkload',
      'setClient',
      'setExternal',
      'scale',
      'kill',
      'rollout',
      'drain',
      'partition',
      'network',
      'note',
    ]);
  });

  it('fills in parameters, keeping a number a number', () => {
    const text = `${MINIMAL}params: { seed: 7, host: api.example.com }
seed: \${seed}
external: { "x.example.com": { latency: 1ms } }
title: about \${host}
`;
    expect(scenarioOf(load(text))).toMatchObject({ seed: 7, title: 'about api.example.com' });
    const options = { parameters: new Map([['seed', '9']]) };
    expect(scenarioOf(load(text, options)).seed).toBe(9);
  });

  it('fills in parameters inside objects that are written in the scenario, too', () => {
    const text = `${MINIMAL.replace('mesh: manifests', '')}params: { weight: 10 }
mesh:
  - { apiVersion: v1, kind: Service, metadata: { name: "s-\${weight}" }, spec: { weight: "\${weight}" } }
`;
    const options = { parameters: new Map([['weight', '25']]) };
    const [entry] = scenarioOf(load(text, options)).mesh;
    const value = entry?.kind === 'inline' ? entry.document.value : undefined;
    expect(textMember(member(value, 'metadata'), 'name')).toBe('s-25');
    expect(member(member(value, 'spec'), 'weight')).toBe(25);
  });

  it('takes a value of the file by its path, names with dots in them too', () => {
    const text = `${MINIMAL}external: { api.example.com: { latency: 1ms } }
`;
    const parameters = new Map([
      ['clients.shop.load.rate', '80/s'],
      ['external.api.example.com.concurrency', '3'],
      ['external.api.example.com.errors.503', '5%'],
      ['duration', '10s'],
    ]);
    const scenario = scenarioOf(load(text, { parameters }));
    expect(scenario.durationNs).toBe(10e9);
    expect(scenario.external.get('api.example.com')?.value).toMatchObject({
      concurrency: 3,
      errors: { statuses: [{ status: 503, share: 0.05 }] },
    });
    expect(scenario.clients.get('shop')?.value.load).toMatchObject({
      stages: [{ fromPerSecond: 80 }],
    });
  });

  it('says of a query without quotes how to quote it, once', () => {
    const expectation = '  - { that: p99(latency{client="shop"}), is: > 250ms }';
    const text = messages(load(`${MINIMAL}expect:\n${expectation}\n`));
    expect(text).toContain(
      `hint: put the query in quotes: that: 'p99(latency{client="shop"})', is: "> 250ms"`,
    );
    expect(text.match(/error/g)).toHaveLength(1);
  });

  it('says where the path of a value leads nowhere', () => {
    const options = { parameters: new Map([['clients.shp.load.rate', '80/s']]) };
    expect(messages(load(MINIMAL, options))).toContain(
      '--set clients.shp.load.rate: there is no "shp"',
    );
    expect(messages(load(MINIMAL, options))).toContain('did you mean "shop"?');
  });

  it('overrides key by key what it extends', () => {
    const base = `${MINIMAL}workloads: { a: { latency: 1ms, concurrency: 2 }, b: { latency: 2ms } }\n`;
    const over =
      'extends: base.yaml\nseed: 3\nworkloads: { a: { latency: { exponential: { mean: 5ms } } } }\n';
    const scenario = scenarioOf(load(over, {}, { 'demo/base.yaml': base }));
    expect(scenario.seed).toBe(3);
    expect(scenario.workloads.get('a')?.value).toMatchObject({
      latency: { latency: { kind: 'exponential', meanNs: 5e6 } },
      concurrency: 2,
    });
    expect(scenario.clients.size).toBe(1);
  });

  it('finds a circle of scenarios that extend one another', () => {
    const loaded = load(
      'extends: base.yaml\n',
      {},
      { 'demo/base.yaml': 'extends: scenario.yaml\n' },
    );
    expect(messages(loaded)).toContain('MS0211');
  });

  it('does not read files outside its folder unless told to', () => {
    expect(messages(load(MINIMAL.replace('manifests', '../other')))).toContain('error MS0210');
    const scenario = scenarioOf(
      load(MINIMAL.replace('manifests', '../other'), { mayLeaveFolder: true }),
    );
    expect(scenario.mesh).toMatchObject([{ path: 'other' }]);
  });
});

describe('what is wrong with a scenario', () => {
  it.each([
    [
      'a misspelt top key',
      'warkloads: {}\n',
      'unknown key "warkloads" in a scenario',
      'did you mean "workloads"?',
    ],
    [
      'a misspelt key of a workload',
      'workloads: { a: { latncy: 5ms } }\n',
      'unknown key "latncy"',
      '"latency"',
    ],
    ['a duration without a unit', 'duration: 60\n', '60 is no duration', 'write 60s'],
    [
      'a share without %',
      'workloads: { a: { errors: { 500: 5 } } }\n',
      '5 is no percentage',
      'write 5%',
    ],
    ['shares above 100 %', 'workloads: { a: { errors: { 500: 60%, reset: 50% } } }\n', '110%', ''],
    [
      'an unknown error',
      'workloads: { a: { errors: { rst: 1% } } }\n',
      'unknown kind of error "rst"',
      'reset',
    ],
    [
      'two distributions',
      'workloads: { a: { latency: { p50: 1ms, p99: 2ms, constant: 1ms } } }\n',
      'one distribution',
      '',
    ],
    [
      'one percentile',
      'workloads: { a: { latency: { p50: 1ms } } }\n',
      'want two percentiles, found 1',
      '',
    ],
    ['two verbs', 'timeline: [{ at: 1s, kill: a, scale: b }]\n', 'found scale and kill', ''],
    [
      'a key of another verb',
      'timeline: [{ at: 1s, kill: a, to: 3 }]\n',
      '"to" does not belong to "kill"',
      '',
    ],
    [
      'a call without a scheme',
      'workloads: { a: { calls: [GET stock/x] } }\n',
      'it has no scheme',
      'http://stock/x',
    ],
    [
      'an undeclared parameter',
      'title: ${nam}\nparams: { name: 1 }\n',
      '"${nam}" is not declared',
      'did you mean "name"?',
    ],
    ['an empty comparison', 'expect: [{ that: requests, is: "" }]\n', 'block text', 'is: "> 5"'],
  ])('is said with line, caret and hint: %s', (_, text, message, hint) => {
    const found = messages(load(MINIMAL + text));
    expect(found).toMatch(/^demo\/scenario\.yaml:4:\d+: error MS02\d\d: /);
    expect(found).toContain(message);
    expect(found).toContain(hint);
    expect(found).toContain('  4 | ');
  });

  it.each([
    ['expect:\n  - that: requests\n    is: > 5\n'],
    ['expect:\n  - { that: requests, is: > 5 }\n'],
    ['expect:\n  - that: requests\n    is: >= 99%\n'],
  ])('is said of an unquoted comparison: %j', (text) => {
    const found = messages(load(MINIMAL + text));
    expect(found).toContain('MS0206');
    expect(found).toMatch(/put it in quotes: is: ">=? /);
  });

  it.each([
    ['request: GET http://catalog/, load:', '3:9', 'a client needs the key "load"'],
    ['request:, load: { rate: 50/s }', '3:9', 'either "request" or "requests"'],
    ['requests: [], load: { rate: 50/s }', '3:9', 'none of the requests has a weight'],
    [
      'requests: [{ request: GET http://catalog/, weight: 0 }], load: { rate: 50/s }',
      '3:9',
      'none of the requests has a weight',
    ],
  ])('is said of a client with nothing to send or no time to: %s', (keys, place, message) => {
    const text = `mesh: manifests\nclients:\n  shop: { from: web, ${keys} }\n`;
    const found = load(text);
    expect(found.scenario).toBeUndefined();
    expect(messages(found)).toContain(`demo/scenario.yaml:${place}: error MS02`);
    expect(messages(found)).toContain(message);
  });

  it('says once what is wrong with a rate', () => {
    expect(load(MINIMAL.replace('50/s', '1e308/s')).diagnostics).toHaveLength(1);
    expect(load(MINIMAL.replace('50/s', 'fast')).diagnostics).toHaveLength(1);
  });

  it('is said of a file that is missing', () => {
    expect(messages(loadScenario('none.yaml', fileSystemOf({})))).toContain(
      'cannot read none.yaml',
    );
  });

  it('is said of a manifest that is taken for a scenario', () => {
    expect(messages(load('apiVersion: v1\nkind: Service\n'))).toContain('this is no scenario');
  });
});
