import { log } from '#kernel/math.ts';
import type { Random } from '#kernel/random.ts';
import type { Arrivals, Burst, OpenLoad, Stage } from './load.ts';

/** When requests start, as far as it does not depend on answers. */
export type ArrivalPlan = Pick<OpenLoad, 'stages' | 'arrivals' | 'burst'>;

/**
 * The moments at which requests of an open loop start. Time is stretched by the rate: one unit of
 * "work" between arrivals (exponential, constant, or hyperexponential with mean 1) lasts as long as it
 * takes for the area under the rate to reach it, so ramps are exact and one arrival costs one draw.
 */
export class ArrivalProcess {
  declare private readonly stages: readonly Stage[];
  declare private readonly arrivals: Arrivals;
  declare private readonly burst: Burst | undefined;
  declare private readonly random: Random;
  #stageIndex = 0;
  /** Start of the current stage, and the position reached in it. */
  declare private stageStartNs: number;
  #offsetNs = 0;
  #isFirst = true;
  /** What bursts do to the rate now, and until when. */
  declare private factor: number;
  declare private edgeNs: number;

  constructor(load: ArrivalPlan, startNs: number, random: Random) {
    const { burst } = load;
    this.stages = load.stages;
    this.arrivals = load.arrivals;
    this.burst = burst;
    this.stageStartNs = startNs;
    this.random = random;
    this.factor = burst === undefined ? 1 : (burst.onNs + burst.offNs) / burst.onNs;
    this.edgeNs = burst === undefined ? Number.POSITIVE_INFINITY : startNs + burst.onNs;
  }

  /** When the next request starts, in nanoseconds that need not be whole; `Infinity` = never again. */
  nextNs(): number {
    let need = this.#nextUnit();
    for (;;) {
      const stage = this.stages[this.#stageIndex];
      if (stage === undefined || isSilent(stage)) return Number.POSITIVE_INFINITY;
      const untilNs = Math.min(stage.durationNs, this.edgeNs - this.stageStartNs);
      const lengthNs = lengthInStage(stage, this.#offsetNs, untilNs, this.factor, need);
      if (lengthNs >= 0) {
        this.#offsetNs += lengthNs;
        return this.stageStartNs + this.#offsetNs;
      }
      need -= areaInStage(stage, this.#offsetNs, untilNs, this.factor);
      this.#offsetNs = untilNs;
      if (this.stageStartNs + untilNs >= this.edgeNs) this.#turn();
      if (untilNs === stage.durationNs) {
        this.stageStartNs += stage.durationNs;
        this.#offsetNs = 0;
        this.#stageIndex++;
      }
    }
  }

  /** A burst begins or ends. */
  #turn(): void {
    const { onNs, offNs } = this.burst!;
    const begins = this.factor === 0;
    this.factor = begins ? (onNs + offNs) / onNs : 0;
    this.edgeNs += begins ? onNs : offNs;
  }

  /** The first of evenly spaced requests starts at once. */
  #nextUnit(): number {
    switch (this.arrivals) {
      case 'constant': {
        const unit = this.#isFirst ? 0 : 1;
        this.#isFirst = false;
        return unit;
      }
      case 'poisson':
        return -log(1 - this.random.uniform());
      case 'bursty':
        return hyperexponential(this.random.uniform());
    }
  }
}

/** Nothing arrives in it, and nothing comes after it. */
function isSilent({ fromPerSecond, toPerSecond, durationNs }: Stage): boolean {
  return durationNs === Number.POSITIVE_INFINITY && fromPerSecond === 0 && toPerSecond === 0;
}

/** How far it is to the next arrival from an offset in a stage; −1 = it lies beyond `untilNs`. */
function lengthInStage(
  stage: Stage,
  offsetNs: number,
  untilNs: number,
  factor: number,
  need: number,
): number {
  const fromPerSecond = stage.fromPerSecond * factor;
  if (stage.fromPerSecond === stage.toPerSecond || factor === 0) {
    // In this order a whole number of nanoseconds stays one.
    const lengthNs = (need * SECOND_NS) / fromPerSecond;
    return fromPerSecond > 0 && lengthNs < untilNs - offsetNs ? lengthNs : -1;
  }
  if (need >= areaInStage(stage, offsetNs, untilNs, factor)) return -1;
  const slope = slopeOf(stage, factor);
  const rate = fromPerSecond + (slope * offsetNs) / SECOND_NS;
  // The smaller root of rate·x + slope·x²/2 = need, in the form that loses no digits.
  const root = Math.sqrt(Math.max(0, rate * rate + 2 * slope * need));
  return need === 0 ? 0 : (2 * need * SECOND_NS) / (rate + root);
}

/** The area under the rate between two offsets in a stage. */
function areaInStage(stage: Stage, offsetNs: number, untilNs: number, factor: number): number {
  const fromPerSecond = stage.fromPerSecond * factor;
  const restNs = untilNs - offsetNs;
  if (stage.fromPerSecond === stage.toPerSecond || factor === 0) {
    return fromPerSecond === 0 ? 0 : (fromPerSecond * restNs) / SECOND_NS;
  }
  const slope = slopeOf(stage, factor);
  const rate = fromPerSecond + (slope * offsetNs) / SECOND_NS;
  const rest = restNs / SECOND_NS;
  return (rate + (slope * rest) / 2) * rest;
}

/** By how much the rate rises in a second. */
function slopeOf({ fromPerSecond, toPerSecond, durationNs }: Stage, factor: number): number {
  return (toPerSecond * factor - fromPerSecond * factor) / (durationNs / SECOND_NS);
}

const SECOND_NS = 1e9;

/** Two exponentials with balanced means and a squared coefficient of variation of 4, by one draw. */
function hyperexponential(uniform: number): number {
  const share = (1 + Math.sqrt(3 / 5)) / 2;
  if (uniform < share) return -log(1 - uniform / share) / (2 * share);
  const rest = 1 - share;
  return -log(1 - (uniform - share) / rest) / (2 * rest);
}
