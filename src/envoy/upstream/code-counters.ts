/**
 * Counters by HTTP status, in order of first appearance. Most answers have the code of the one before:
 * those are counted in two fields, and moved to the table when another code comes.
 *
 * @source envoy: source/common/http/codes.cc, CodeStatsImpl
 */
export class CodeCounters {
  #lastCode = 0;
  #lastCount = 0;
  readonly #counts = new Map<number, number>();

  add(code: number): void {
    if (code !== this.#lastCode) this.#settle(code);
    this.#lastCount++;
  }

  /** The `<prefix>upstream_rq_…` counters that are not zero. */
  collect(prefix: string, into: Map<string, number>): void {
    collectCodes(prefix, into, [this]);
  }

  /** Every code that was counted. */
  get counts(): ReadonlyMap<number, number> {
    this.#settle(0);
    return this.#counts;
  }

  #settle(nextCode: number): void {
    if (this.#lastCount > 0) {
      this.#counts.set(this.#lastCode, (this.#counts.get(this.#lastCode) ?? 0) + this.#lastCount);
    }
    this.#lastCode = nextCode;
    this.#lastCount = 0;
  }
}

/** The sums of several counters under one prefix. */
export function collectCodes(
  prefix: string,
  into: Map<string, number>,
  all: readonly CodeCounters[],
): void {
  for (const { counts } of all) {
    for (const [code, count] of counts) {
      add(into, `${prefix}upstream_rq_completed`, count);
      add(into, `${prefix}upstream_rq_${Math.floor(code / 100)}xx`, count);
      add(into, `${prefix}upstream_rq_${code}`, count);
    }
  }
}

function add(into: Map<string, number>, name: string, count: number): void {
  into.set(name, (into.get(name) ?? 0) + count);
}
