#!/usr/bin/env node
// npm run build: what is packed into `dist`. The compiler writes one module a source file (`dist/modules`: what tests
// and benchmarks reach into, and the types that are packed); the entries are bundled from these (docs/adr/0008).
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = `${ROOT}dist/modules/`;
/** By their place in `dist`: what package.json names, the worker of a sweep, and the command line as a function. */
const ENTRIES = [
  'index',
  'cli/main',
  'cli/program',
  'cli/sweep-worker',
  'testing/node',
  'testing/browser',
  'testing/vitest',
  'testing/jest',
];

/** `#kernel/queue.ts` is a module of ours; what has another name is Node's or a dependency, and stays an import. */
const ownModules = {
  name: 'own-modules',
  resolveId(specifier) {
    if (specifier.startsWith('#')) return `${MODULES}${specifier.slice(1).replace(/\.ts$/, '.js')}`;
    return /^[./]|^[A-Z]:/.test(specifier) ? undefined : { id: specifier, external: true };
  },
};

rmSync(`${ROOT}dist`, { recursive: true, force: true });
compile();
await bundle();

function compile() {
  const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  try {
    execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
      cwd: ROOT,
      stdio: 'inherit',
    });
  } catch ({ status }) {
    process.exit(status ?? 1); // The compiler has said what is wrong.
  }
}

async function bundle() {
  const bundled = await rolldown({
    input: Object.fromEntries(ENTRIES.map((name) => [name, `${MODULES}${name}.js`])),
    platform: 'node',
    plugins: [ownModules],
  });
  await bundled.write({ dir: `${ROOT}dist`, format: 'esm', chunkFileNames: 'shared/[hash].js' });
  await bundled.close();
}
