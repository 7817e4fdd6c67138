import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { bucketNsFor, buildRunView } from '#report/run-view-builder.ts';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import { packedView } from './packed-view.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const files = {
  readFile: (path: string) => ({ text: readFileSync(ROOT + path, 'utf8') }),
  listFiles: () => undefined,
};

it('holds the numbers of a view in one buffer, and nothing else', () => {
  const { scenario } = loadScenario('scenarios/canary-how-exact/scenario.yaml', files);
  const { experiment } = prepareExperiment(scenario!, files);
  const run = new Run(experiment!, { seriesStepNs: bucketNsFor(scenario!.durationNs) });
  run.finish();
  const view = buildRunView(run);
  const { view: packed, buffer } = packedView(view);
  expect(packed).toEqual(view);
  const series = [
    ...packed.flows.map(({ counts }) => counts),
    ...packed.latencies.flatMap(({ p50, p90, p99, heat }) => [
      p50,
      p90,
      p99,
      ...(heat ? [heat] : []),
    ]),
    ...packed.gauges.flatMap(({ mean, max }) => [mean, max]),
  ];
  expect(series.every((values) => values.buffer === buffer)).toBe(true);
  expect(series.reduce((bytes, { byteLength }) => bytes + byteLength, 0)).toBe(buffer.byteLength);
});
