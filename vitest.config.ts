import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// `#kernel/queue.ts` leads to the sources here, to `dist` in the packed package (docs/adr/0002).
const resolve = {
  alias: [
    { find: /^#(.*)$/, replacement: `${fileURLToPath(new URL('./src/', import.meta.url))}$1` },
  ],
};
/** Beyond this a test hangs, however busy the machine is. */
const TEST_MS = 300_000;
const BROWSERS_MS = 30_000;
/** Every run under test is held against the invariants (style.md §6). */
const CHECKED = ['test/checkers/every-run.ts'];
const project = (name: string, include: string[], setupFiles: string[] = [], retry = 0) => ({
  resolve,
  // Files share their modules: nothing mocks any, no module has state that a run could see, and loading the
  // sources anew for each of 138 files took more than half of the time (118 s to 51 s CPU).
  test: {
    name,
    include,
    setupFiles,
    globalSetup: ['test/temporary-folder.ts'],
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    retry,
    isolate: false,
    // A page shows what it has when it has it, however busy the machine is.
    expect: { poll: { timeout: BROWSERS_MS, interval: 100 } },
  },
});

export default defineConfig({
  test: {
    projects: [
      project('tidy', ['test/tidy.test.ts']),
      project(
        'unit',
        [
          'src/**/*.test.ts',
          'web/**/*.test.ts',
          'test/properties/**/*.test.ts',
          'test/checkers/**/*.test.ts',
          'test/golden/**/*.test.ts',
        ],
        CHECKED,
      ),
      project('theory', ['test/theory/**/*.theory.ts'], CHECKED),
      project('conformance', ['test/conformance/**/*.test.ts'], CHECKED),
      project('e2e', ['test/e2e/!(web-*).test.ts']),
      // A browser may stall for longer than any wait on a full machine; vitest says which test took two tries.
      project('browsers', ['test/e2e/web-*.test.ts'], [], 1),
    ],
  },
});
