import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { NodeFiles } from '#cli/node-files.ts';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run, type RunOptions } from '#scenario/run.ts';
import { DIST, ROOT, summaryOf } from './cli-process.ts';

const PATH = join(ROOT, 'scenarios/bookinfo/scenario.yaml');

function runOf(seed?: number, options?: RunOptions): Run {
  const files = new NodeFiles();
  const { scenario } = loadScenario(PATH, files, { seed });
  const { experiment } = prepareExperiment(scenario!, files);
  return new Run(experiment!, options);
}

function digestInWorker(): Promise<string> {
  const worker = new Worker(new URL('./digest-worker.mjs', import.meta.url), {
    workerData: { dist: pathToFileURL(DIST).href, path: PATH },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

describe('a run of bookinfo has one digest', () => {
  const whole = runOf().finish().digest;

  it('of sixteen hexadecimal digits', () => {
    expect(whole).toMatch(/^[0-9a-f]{16}$/);
  });

  it('twice', () => {
    expect(runOf().finish().digest).toBe(whole);
  });

  it.each([1e6, 7_777_777, 1e9])('in slices of %d ns', (sliceNs) => {
    const run = runOf();
    // A small slice for the first second is enough to cut requests into pieces.
    for (let at = sliceNs; at < 1e9; at += sliceNs) run.until(at);
    while (!run.isOver) run.until(run.nowNs + Math.max(sliceNs, 5e8));
    expect(run.result().digest).toBe(whole);
  });

  it('with tracing', () => {
    let spans = 0;
    const trace = () => {
      spans++;
    };
    expect(runOf(undefined, { trace }).finish().digest).toBe(whole);
    expect(spans).toBeGreaterThan(0);
  });

  it('in a worker thread', async () => {
    expect(await digestInWorker()).toBe(whole);
  });

  it('as a process', () => {
    expect(summaryOf([PATH]).digest).toBe(whole);
  });

  it('and another one with another seed', () => {
    expect(runOf(2).finish().digest).not.toBe(whole);
  });
});
