import type { LoggedRun } from '#scenario/run-comparison.ts';
import type { ComparedRun } from './protocol.ts';

/** As many as are kept: A, B, and the B before it. */
const MOST_KEPT = 3;

/** Runs that are over with all their requests, to be compared; the newest few. */
export class FinishedRuns {
  readonly #runs = new Map<string, LoggedRun>();

  keep(key: string, run: LoggedRun): void {
    this.#runs.delete(key);
    this.#runs.set(key, run);
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= MOST_KEPT) return;
      this.#runs.delete(oldest);
    }
  }

  /** Asked for is used: it stays for longer. */
  get(key: string): LoggedRun | undefined {
    const run = this.#runs.get(key);
    if (run !== undefined) this.keep(key, run);
    return run;
  }
}

/** The same for the same run. */
export function keyOfRun({ project, parameters, seed }: ComparedRun): string {
  return JSON.stringify([project.scenario, Object.entries(project.files).sort(), parameters, seed]);
}
