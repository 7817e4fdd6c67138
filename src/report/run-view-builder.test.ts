import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import type { RunView } from './run-view.ts';
import { bucketNsFor, buildRunView } from './run-view-builder.ts';
import { runViewJson, runViewOfJson } from './run-view-json.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const files = {
  readFile: (path: string) => ({ text: readFileSync(ROOT + path, 'utf8') }),
  listFiles: () => undefined,
};

function runOf(path: string): { readonly run: Run; readonly view: RunView } {
  const { scenario } = loadScenario(path, files);
  const { experiment } = prepareExperiment(scenario!, files);
  const run = new Run(experiment!, { seriesStepNs: bucketNsFor(scenario!.durationNs) });
  run.finish();
  return { run, view: buildRunView(run) };
}

const canary = runOf('scenarios/canary-how-exact/scenario.yaml');
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe('the view of a run', () => {
  it('chooses buckets of 1, 2 or 5 times a power of ten, at most 150', () => {
    expect(bucketNsFor(120e9)).toBe(1e9);
    expect(bucketNsFor(40e9)).toBe(5e8);
    expect(bucketNsFor(3600e9)).toBe(50e9);
  });

  it('counts every request of a client once', () => {
    const requests = canary.view.flows.filter(({ client }) => client !== '');
    expect(sum(requests.flatMap(({ counts }) => [...counts]))).toBe(canary.run.requestCount);
  });

  it('has an edge from the caller to each version of the service', () => {
    const ends = canary.view.edges.map(({ from, service, to }) => [from, service, to].join(' → '));
    expect(ends.sort()).toEqual([
      'workload default/shop → service default/catalog → workload default/catalog-v1',
      'workload default/shop → service default/catalog → workload default/catalog-v2',
    ]);
  });

  it('names the application where it answered with an error itself', () => {
    expect(canary.view.causes[0]).toMatchObject({
      outcome: '500',
      reason: 'catalog-v2 answered 500',
      destination: 'catalog|v2',
    });
  });

  it('knows in which line each weight is written', () => {
    expect(
      canary.view.weights[0]?.parts.map(({ name, weight, at }) => [name, weight, at.line]),
    ).toEqual([
      ['v1', 90, 22],
      ['v2', 10, 24],
    ]);
  });

  it('is the same after it was written as JSON and read', () => {
    const read = runViewOfJson(runViewJson(canary.view));
    expect(read.flows).toEqual(canary.view.flows);
    expect(read.latencies[0]?.p99.length).toBe(canary.view.bucketCount);
    expect(read.expectations).toEqual(JSON.parse(JSON.stringify(canary.view.expectations)));
  });
});
