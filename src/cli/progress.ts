import type { TextStyle } from '#report/text-style.ts';

/** Where a run stands. */
export interface ProgressFacts {
  readonly nowNs: number;
  readonly durationNs: number;
  readonly eventCount: number;
  readonly requestCount: number;
}

/** Nothing is shown before this: most runs are over by then. */
const FIRST_AFTER_MS = 300;
const EVERY_MS = 100;

/** One line on a terminal's standard error: how far a run is. Taken away at the end. */
export class Progress {
  readonly #isShown: boolean;
  readonly #style: TextStyle;
  readonly #startMs = performance.now();
  #lastMs = 0;
  #hasLine = false;

  constructor(isShown: boolean, style: TextStyle) {
    this.#isShown = isShown;
    this.#style = style;
  }

  show(facts: ProgressFacts): void {
    const nowMs = performance.now() - this.#startMs;
    if (!this.#isShown || nowMs < FIRST_AFTER_MS || nowMs - this.#lastMs < EVERY_MS) return;
    this.#lastMs = nowMs;
    this.#hasLine = true;
    process.stderr.write(`\r\u001b[K${this.#line(facts, nowMs)}`);
  }

  clear(): void {
    if (this.#hasLine) process.stderr.write('\r\u001b[K');
    this.#hasLine = false;
  }

  #line({ nowNs, durationNs, eventCount, requestCount }: ProgressFacts, nowMs: number): string {
    const share = Math.min(1, nowNs / durationNs);
    const width = 20;
    const done = Math.round(share * width);
    const bar = `${'#'.repeat(done)}${'.'.repeat(width - done)}`;
    const perSecond = Math.round((eventCount / nowMs) * 1000);
    const seconds = `${(nowNs / 1e9).toFixed(1)}s / ${(durationNs / 1e9).toFixed(0)}s`;
    const text = `[${bar}] ${seconds}  ${perSecond} events/s  ${requestCount} requests`;
    return text.slice(0, this.#style.width - 1);
  }
}
