import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// `#kernel/queue.ts` leads to the sources here, to `dist` in the packed package (docs/adr/0002).
const resolve = {
  alias: [
    { find: /^#(.*)$/, replacement: `${fileURLToPath(new URL('./src/', import.meta.url))}$1` },
  ],
};
const project = (name: string, include: string[], testTimeout: number) => ({
  resolve,
  test: { name, include, testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  test: {
    projects: [
      project('tidy', ['test/tidy.test.ts'], 30_000),
      project(
        'unit',
        [
          'src/**/*.test.ts',
          'test/properties/**/*.test.ts',
          'test/checkers/**/*.test.ts',
          'test/golden/**/*.test.ts',
        ],
        30_000,
      ),
      project('conformance', ['test/conformance/**/*.test.ts'], 120_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 120_000),
    ],
  },
});
