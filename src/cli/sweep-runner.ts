import type { Measure } from '#scenario/sweep/measure.ts';
import type { ReadPoint } from '#scenario/sweep/sweep-job.ts';
import { ProgramContext } from './program-context.ts';
import { experimentOf, type ScenarioOptions } from './run-command.ts';

/** What a worker is told when it starts. */
export interface SweepWorkerData {
  readonly path: string;
  readonly options: ScenarioOptions;
  readonly measures: readonly Measure[];
}

/** Of a command line: without keys that are undefined, because a worker is given what was said. */
export function sweepWorkerData(
  path: string,
  { set, strict, allowOutside, seed, istioVersion }: ScenarioOptions,
  measures: readonly Measure[],
): SweepWorkerData {
  const known = Object.entries({ strict, allowOutside, seed, istioVersion });
  const said = Object.fromEntries(known.filter(([, value]) => value !== undefined));
  return { path, options: { set, ...said }, measures };
}

/** Reads the scenario with the values of a point; warnings have been said already. */
export function pointReader(path: string, options: ScenarioOptions): ReadPoint {
  const context = new ProgramContext({ quiet: true });
  return (point) => {
    const set = [...options.set, ...point];
    const experiment = experimentOf(path, { ...options, set }, context);
    if (experiment !== undefined) return experiment;
    const values = point.map(([key, value]) => `${key}=${value}`).join(' ');
    throw new Error(`the scenario cannot be read with ${values}`);
  };
}
