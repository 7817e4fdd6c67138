import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// `#kernel/queue.ts` leads to the sources here, to `dist` in the packed package (docs/adr/0002).
const resolve = {
  alias: [
    { find: /^#(.*)$/, replacement: `${fileURLToPath(new URL('./src/', import.meta.url))}$1` },
  ],
};
const BROWSERS_MS = 30_000;
/** Every run under test is held against the invariants (style.md §6). */
const CHECKED = ['test/checkers/every-run.ts'];
const project = (
  name: string,
  include: string[],
  testTimeout: number,
  setupFiles: string[] = [],
) => ({
  resolve,
  // Files share their modules: nothing mocks any, no module has state that a run could see, and loading the
  // sources anew for each of 138 files took more than half of the time (118 s to 51 s CPU).
  test: {
    name,
    include,
    setupFiles,
    globalSetup: ['test/temporary-folder.ts'],
    testTimeout,
    hookTimeout: testTimeout,
    isolate: false,
    // A page shows what it has when it has it, however busy the machine is.
    expect: { poll: { timeout: BROWSERS_MS, interval: 100 } },
  },
});

export default defineConfig({
  test: {
    projects: [
      project('tidy', ['test/tidy.test.ts'], 30_000),
      project(
        'unit',
        [
          'src/**/*.test.ts',
          'web/**/*.test.ts',
          'test/properties/**/*.test.ts',
          'test/checkers/**/*.test.ts',
          'test/golden/**/*.test.ts',
        ],
        30_000,
        CHECKED,
      ),
      project('theory', ['test/theory/**/*.theory.ts'], 120_000, CHECKED),
      project('conformance', ['test/conformance/**/*.test.ts'], 120_000, CHECKED),
      project('e2e', ['test/e2e/**/*.test.ts'], 120_000),
    ],
  },
});
