import { describe, expect, it } from 'vitest';
import type { Project } from '../engine/protocol.ts';
import { runValuesOf } from '../engine/run-values.ts';
import { changesOf, fewKnobs, knobGroups } from './knobs.ts';
import { numberAt, replaceValues } from './replace-values.ts';

function route(weights: readonly number[]): string {
  const routes = weights.map(
    (weight, index) =>
      `{ destination: { host: catalog, subset: v${index + 1} }, weight: ${weight} }`,
  );
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec:
  hosts: [catalog]
  http:
    - route: [${routes.join(', ')}] # kept
      retries: { attempts: 2, perTryTimeout: 1s }
`;
}

function projectOf(text: string): Project {
  return { scenario: 'scenario.yaml', files: { 'routes.yaml': text } };
}

function weightsIn(text: string): readonly number[] {
  return [...text.matchAll(/weight: (\d+)/g)].map(([, digits]) => Number(digits));
}

/** Moves the first weight from value to value, the places being those before the first move. */
function dragged(weights: readonly number[], to: readonly number[]): string {
  const read = projectOf(route(weights));
  const values = runValuesOf(read);
  const knob = values.find(({ name }) => name === 'weight v1')!;
  let project = read;
  for (const value of to) project = replaceValues(project, changesOf(values, knob, value), read);
  return project.files['routes.yaml']!;
}

describe('a dragged weight', () => {
  it('leaves the rest to the other one', () => {
    expect(weightsIn(dragged([90, 10], [60]))).toEqual([60, 40]);
  });

  it('shares the rest out among several as it was shared', () => {
    expect(weightsIn(dragged([50, 30, 20], [75]))).toEqual([75, 15, 10]);
    expect(weightsIn(dragged([100, 0, 0], [40]))).toEqual([40, 30, 30]);
  });

  it('finds its place and its neighbours again in one line, however many digits they have by then', () => {
    const text = dragged([90, 10], [100, 5, 100, 42]);
    expect(weightsIn(text)).toEqual([42, 58]);
    expect(text).toBe(route([42, 58]));
  });
});

it('a value whose line says something else by now is left alone', () => {
  const read = projectOf(route([90, 10]));
  const values = runValuesOf(read);
  const attempts = values.find(({ name }) => name === 'attempts')!;
  const project = projectOf(read.files['routes.yaml']!.replace('attempts: 2', 'attempts: many'));
  expect(numberAt(project, attempts.at, read)).toBeUndefined();
  expect(replaceValues(project, [{ at: attempts.at, text: '5' }], read)).toEqual(project);
});

it('the few that are shown first are a weight, then those near the blamed line', () => {
  const values = runValuesOf(projectOf(route([90, 10])));
  const blamed = { file: 'routes.yaml', line: 8, column: 7, length: 7 };
  const names = fewKnobs(values, 'routes.yaml', [blamed]).map(({ name }) => name);
  expect(names).toEqual(['weight v2', 'weight v1', 'attempts', 'perTryTimeout']);
});

it('all of them stand by object', () => {
  const groups = knobGroups(runValuesOf(projectOf(route([90, 10]))));
  expect(groups.map(({ object, values }) => [object, values.length])).toEqual([
    ['VirtualService catalog', 4],
  ]);
});
