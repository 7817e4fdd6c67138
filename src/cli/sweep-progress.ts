import type { ProgramContext } from './program-context.ts';

/** How many runs of a sweep are done, in one line of a terminal. */
export class SweepProgress {
  readonly #isShown: boolean;

  constructor({ isQuiet }: ProgramContext) {
    this.#isShown = process.stderr.isTTY === true && !isQuiet && (process.env['CI'] ?? '') === '';
  }

  show(doneCount: number, allCount: number): void {
    if (this.#isShown) process.stderr.write(`\r\u001b[K${doneCount} of ${allCount} runs`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write('\r\u001b[K');
  }
}
