import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Imports a TypeScript module of this repository, `#…` imports included, without a build. */
export async function loadSource(path) {
  const { module } = await runnerImport(`${ROOT}${path}`, {
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: [{ find: /^#(.*)$/, replacement: `${ROOT}src/$1` }] },
  });
  return module;
}
