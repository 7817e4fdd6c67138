import type { Experiment } from '../experiment.ts';
import { Run } from '../run.ts';
import { type Measure, type Measured, measuredOf, queriesOf } from './measure.ts';
import type { SweepJob } from './sweep-plan.ts';
import type { SweepPoint } from './vary.ts';

/** A run of a sweep that is over. Plain values, the same whoever ran it. */
export interface SweepRun {
  readonly index: number;
  readonly point: SweepPoint;
  readonly seed: number;
  readonly digest: string;
  readonly measured: readonly Measured[];
}

/** Reads the experiment of a point; throws if it cannot be used: it was checked before the sweep. */
export type ReadPoint = (point: SweepPoint) => Experiment;

/** Runs jobs one after another; the experiment of a point is read once for all of its seeds. */
export class SweepRunner {
  readonly #read: ReadPoint;
  readonly #measures: readonly Measure[];
  #point = '';
  #experiment: Experiment | undefined = undefined;

  constructor(read: ReadPoint, measures: readonly Measure[]) {
    this.#read = read;
    this.#measures = measures;
  }

  run({ index, point, seed }: SweepJob): SweepRun {
    const experiment = this.#of(point);
    const result = new Run({
      ...experiment,
      scenario: { ...experiment.scenario, seed },
      expectations: [...experiment.expectations, ...queriesOf(experiment, this.#measures)],
    }).finish();
    const { digest } = result;
    return { index, point, seed, digest, measured: measuredOf(result, this.#measures) };
  }

  #of(point: SweepPoint): Experiment {
    const key = JSON.stringify(point);
    if (this.#experiment === undefined || this.#point !== key) {
      this.#experiment = this.#read(point);
      this.#point = key;
    }
    return this.#experiment;
  }
}
