/** Powers of ten that values may have; above them all is one. */
const EXPONENTS = 12;
const BINS = 1 + 90 * EXPONENTS;
/** `stats_flush_interval`. */
const FLUSH_INTERVAL_NS = 5e9;

const SCALES = Array.from({ length: EXPONENTS }, (_, exponent) => Number(`1e${exponent}`));

const QUANTILES = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1];

/**
 * A histogram as Envoy keeps its own: values to two significant decimal digits, over all time and over
 * the last interval between two flushes of the statistics.
 *
 * @source envoy: source/common/stats/thread_local_store.cc, ParentHistogramImpl;
 *   source/common/stats/histogram_impl.cc, HistogramStatisticsImpl
 */
export class StatsHistogram {
  readonly #all = new Uint32Array(BINS);
  readonly #interval = new Uint32Array(BINS);
  #intervalIndex = 0;

  /** `value`: a whole number, 0 or more. */
  record(value: number, nowNs: number): void {
    const index = Math.floor(nowNs / FLUSH_INTERVAL_NS);
    if (index !== this.#intervalIndex) {
      this.#intervalIndex = index;
      this.#interval.fill(0);
    }
    const bin = binOf(value);
    this.#all[bin]!++;
    this.#interval[bin]!++;
  }

  /** A span of time in whole milliseconds, as Envoy's clocks give it. */
  recordSpan(startNs: number, nowNs: number): void {
    this.record(Math.max(0, Math.trunc((nowNs - startNs) / 1e6)), nowNs);
  }

  get isEmpty(): boolean {
    return this.#all.every((count) => count === 0);
  }

  /** `P0(1.05,1.05) P25(…) …`: of the running interval, `nan` without values, and of all time. */
  text(nowNs: number): string {
    const isRunning = Math.floor(nowNs / FLUSH_INTERVAL_NS) === this.#intervalIndex;
    const interval = isRunning ? this.#interval : new Uint32Array(BINS);
    return QUANTILES.map((share) => {
      const both = [quantileText(interval, share), quantileText(this.#all, share)];
      return `P${share * 100}(${both.join(',')})`;
    }).join(' ');
  }
}

/** 0 has a bin of its own; each power of ten has 90, from 1.0 to 9.9 times it. */
function binOf(value: number): number {
  if (value <= 0) return 0;
  let exponent = 0;
  let scale = 1;
  while (value >= scale * 10 && exponent < EXPONENTS - 1) {
    scale *= 10;
    exponent++;
  }
  return 1 + exponent * 90 + Math.min(89, Math.floor((value * 10) / scale) - 10);
}

/** The values of a bin are taken to lie evenly inside it. */
function quantileText(counts: Uint32Array, share: number): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return 'nan';
  const rank = Math.max(1, Math.ceil(total * share));
  let below = 0;
  for (const [bin, count] of counts.entries()) {
    if (below + count >= rank) {
      if (bin === 0) return '0';
      const scale = SCALES[Math.floor((bin - 1) / 90)]!;
      const low = ((10 + ((bin - 1) % 90)) / 10) * scale;
      return String(low + (scale / 10) * ((rank - below) / (count + 1)));
    }
    below += count;
  }
  return 'nan';
}

/** Adds `name: quantiles` lines of the histograms that hold anything, by Envoy's names. */
export function collectHistograms(
  histograms: ReadonlyMap<string, StatsHistogram>,
  prefix: string,
  nowNs: number,
  into: Map<string, string>,
): void {
  for (const [name, histogram] of histograms) {
    if (!histogram.isEmpty) into.set(prefix + name, histogram.text(nowNs));
  }
}
