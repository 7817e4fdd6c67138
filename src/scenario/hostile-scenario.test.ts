import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';

const SEED_TEXT = `title: t
duration: 10s
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { replicas: 2, template: { metadata: { labels: { app: web } } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: web }, spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] } }
workloads:
  web: { latency: { p50: 1ms, p99: 5ms, by: [{ path: /x*, constant: 1s }] }, errors: { 500: 5% }, calls: [{ request: GET http://web/, chance: 1% }] }
clients:
  load:
    from: web
    request: GET http://web/items/{id}
    values: { id: [1, 2] }
    headers: { x-a: { b: 20%, "": 80% } }
    load: { stages: [{ rate: 5/s, for: 3s }, { ramp: 9/s, for: 4s }] }
timeline:
  - { at: 1s, kill: web, restart: 2s }
  - { at: 2s, workload: web, set: { latency: 2ms } }
expect:
  - { that: requests / requests, is: "> 0" }
params: { a: 1 }
`;

function read(text: string): readonly string[] {
  const fileSystem: ScenarioFileSystem = {
    readFile: (path) => (path === 'scenario.yaml' ? { text } : { problem: 'no such file' }),
    listFiles: () => undefined,
  };
  const loaded = loadScenario('scenario.yaml', fileSystem);
  if (loaded.scenario === undefined) return loaded.diagnostics.map(({ message }) => message);
  const { diagnostics } = prepareExperiment(loaded.scenario, fileSystem);
  return diagnostics.map(({ message }) => message);
}

/** A text with a piece cut out, doubled, or replaced by something nasty. */
const mutilated = fc
  .record({
    at: fc.nat(SEED_TEXT.length),
    length: fc.nat(40),
    with: fc.oneof(
      fc.constantFrom(
        '',
        '{',
        '[',
        '*',
        '&a',
        '<<:',
        '__proto__',
        '-1',
        '1e999',
        '~',
        '"',
        '!!',
        '\0',
        '${x}',
      ),
      fc.string({ maxLength: 12 }),
    ),
  })
  .map(
    ({ at, length, with: text }) => SEED_TEXT.slice(0, at) + text + SEED_TEXT.slice(at + length),
  );

describe('whatever a scenario file says', () => {
  it('reads the text that the others are made from', () => {
    expect(read(SEED_TEXT).filter((message) => !message.includes('circle'))).toEqual([]);
  });

  it('becomes diagnostics, never a throw: mutilated scenarios', () => {
    fc.assert(
      fc.property(mutilated, (text) => {
        for (const message of read(text)) expect(message).not.toBe('');
      }),
      { numRuns: 1500 },
    );
  });

  it('becomes diagnostics, never a throw: any value at any key', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const keys = [
      'mesh',
      'workloads',
      'clients',
      'external',
      'timeline',
      'expect',
      'proxy',
      'network',
      'push',
      'params',
      'extends',
      'duration',
      'epoch',
      'meshConfig',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), value), (scenario) => {
        for (const message of read(JSON.stringify(scenario))) expect(message).not.toBe('');
      }),
      { numRuns: 1500 },
    );
  });

  it('is refused when it asks for too much', () => {
    const stages = Array.from({ length: 2000 }, () => '{ rate: 1/s, for: 1s }').join(', ');
    expect(read(SEED_TEXT.replace(/stages: \[.*\] \}/, `stages: [${stages}] }`))).toContain(
      'the list has 2000 items; at most 1000 are read',
    );
    expect(read(SEED_TEXT.replace('duration: 10s', 'duration: 9999h'))[0]).toContain(
      'longer than 100 days',
    );
    expect(read(SEED_TEXT.replace('rate: 5/s', 'rate: 99999999999/s'))[0]).toContain('more than');
  });
});
