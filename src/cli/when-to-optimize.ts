import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

/**
 * How soon V8 gives a function to its optimizing compiler, and how much it inlines there (docs/adr/0009).
 *
 * Reading, validating and translating a mesh run much code a few times each: with V8's own budget, compiling it
 * takes nearly as long again as running it (`bench/load-run`). A run's loop is little code that runs millions of
 * times, through many small functions: it wants to be optimized early and inlined further than V8 would.
 *
 * Process-wide; set for the V8 that it was measured with, by the main thread alone.
 */
interface Optimizing {
  /** Bytes of bytecode that a function may run before it is looked at. */
  readonly interruptBudget: number;
  /** Bytes of bytecode that may be inlined into one function. */
  readonly inlinedBytes: number;
  /** Functions of so many bytes are inlined beyond that. */
  readonly smallBytes: number;
}

const LATE: Optimizing = { interruptBudget: 1_056_000, inlinedBytes: 920, smallBytes: 27 };
const EARLY_AND_DEEP: Optimizing = {
  interruptBudget: 67_584,
  inlinedBytes: 2_760,
  smallBytes: 60,
};
const MEASURED_V8 = '11.';

/** For commands that run nothing. */
export function optimizeLate(): void {
  optimize(LATE);
}

/** What `work` gives, optimized late; what comes after it is optimized early, and inlined deep. */
export function optimizedLate<T>(work: () => T): T {
  optimize(LATE);
  try {
    return work();
  } finally {
    optimize(EARLY_AND_DEEP);
  }
}

function optimize({ interruptBudget, inlinedBytes, smallBytes }: Optimizing): void {
  if (!isMainThread || !process.versions.v8.startsWith(MEASURED_V8)) return;
  setFlagsFromString(`--interrupt-budget=${interruptBudget}`);
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${inlinedBytes}`);
  setFlagsFromString(`--max-inlined-bytecode-size-small=${smallBytes}`);
}
