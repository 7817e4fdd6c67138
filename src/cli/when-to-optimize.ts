import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

/**
 * How soon V8 gives a function to its optimizing compiler. Reading, validating and translating a mesh run much
 * code a few times each: with V8's own budget, compiling it takes nearly as long again as running it
 * (`bench/load-run`). A run's loop is little code that runs millions of times: it wants the early one.
 *
 * In bytes of bytecode, process-wide; set for the V8 that it was measured with, by the main thread alone.
 */
const EARLY_BUDGET_BYTES = 67_584;
const LATE_BUDGET_BYTES = 1_056_000;
const MEASURED_V8 = '11.';

/** For commands that run nothing. */
export function optimizeLate(): void {
  setBudget(LATE_BUDGET_BYTES);
}

/** What `work` gives, optimized late; what comes after it is optimized early. */
export function optimizedLate<T>(work: () => T): T {
  setBudget(LATE_BUDGET_BYTES);
  try {
    return work();
  } finally {
    setBudget(EARLY_BUDGET_BYTES);
  }
}

function setBudget(bytes: number): void {
  if (!isMainThread || !process.versions.v8.startsWith(MEASURED_V8)) return;
  setFlagsFromString(`--interrupt-budget=${bytes}`);
}
