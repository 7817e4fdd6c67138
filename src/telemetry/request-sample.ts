import { exp, log } from '#kernel/math.ts';
import { type Random, randomStream } from '#kernel/random.ts';
import type { ClientId, ClientRequest, RowId } from './recorder.ts';

/** A request worth showing in full; with its client and number, a second run can trace it. */
export interface SampledRequest {
  readonly client: ClientId;
  readonly number: number;
  readonly intendedNs: number;
  readonly endNs: number;
  readonly attempts: number;
  readonly row: RowId;
}

/**
 * Some requests of a run: the first of each row (so every outcome is there, and all requests of a rare
 * one), the slowest, and an even sample of the rest. Memory is bounded; its chance is its own stream,
 * so that it moves no other number.
 */
export class RequestSample {
  readonly #firsts: SampledRequest[] = [];
  readonly #firstsOf: number[] = [];
  readonly #slowest: SampledRequest[] = [];
  #slowestFromNs = -1;
  readonly #reservoir: SampledRequest[] = [];
  declare private readonly random: Random;
  #seen = 0;
  /** The next request that the reservoir takes, and the weight of Li's algorithm L. */
  #nextTaken = -1;
  #weight = 1;

  constructor(seed: number) {
    this.random = randomStream(seed, 'telemetry/sample');
  }

  consider(request: ClientRequest, attempts: number, row: RowId): void {
    const durationNs = request.endNs - request.intendedNs;
    const ofRow = this.#firstsOf[row] ?? 0;
    const isFirst = ofRow < FIRSTS_OF_ROW && this.#firsts.length < MAX_FIRSTS;
    if (isFirst) {
      this.#firstsOf[row] = ofRow + 1;
      this.#firsts.push(copyOf(request, attempts, row));
    }
    if (durationNs > this.#slowestFromNs) this.#considerSlow(copyOf(request, attempts, row));
    if (this.#seen < RESERVOIR) {
      this.#reservoir.push(copyOf(request, attempts, row));
      if (this.#seen === RESERVOIR - 1) this.#skip();
    } else if (this.#seen === this.#nextTaken) {
      this.#reservoir[this.random.below(RESERVOIR)] = copyOf(request, attempts, row);
      this.#skip();
    }
    this.#seen++;
  }

  /** Each once, by client, then number. */
  requests(): readonly SampledRequest[] {
    const all = [...this.#firsts, ...this.#slowest, ...this.#reservoir];
    all.sort((a, b) => a.client - b.client || a.number - b.number);
    return all.filter((request, index) => {
      const before = all[index - 1];
      return before?.client !== request.client || before.number !== request.number;
    });
  }

  #considerSlow(request: SampledRequest): void {
    this.#slowest.push(request);
    if (this.#slowest.length < 2 * SLOWEST) return;
    this.#slowest.sort((a, b) => b.endNs - b.intendedNs - (a.endNs - a.intendedNs));
    this.#slowest.length = SLOWEST;
    const last = this.#slowest[SLOWEST - 1]!;
    this.#slowestFromNs = last.endNs - last.intendedNs;
  }

  /** Sets how many requests to pass over: two draws for many. */
  #skip(): void {
    this.#weight *= exp(log(1 - this.random.uniform()) / RESERVOIR);
    const gap = Math.floor(log(1 - this.random.uniform()) / log(1 - this.#weight));
    this.#nextTaken = this.#seen + 1 + gap;
  }
}

const FIRSTS_OF_ROW = 10;
const MAX_FIRSTS = 2000;
const SLOWEST = 50;
const RESERVOIR = 200;

function copyOf(request: ClientRequest, attempts: number, row: RowId): SampledRequest {
  const { client, number, intendedNs, endNs } = request;
  return { client, number, intendedNs, endNs, attempts, row };
}
