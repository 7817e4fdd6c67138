import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from './tidy/source-tree.ts';

/** The folder of shared cases, vectors and manifests; undefined in a clone without it. */
export const SHARED: string | undefined = [
  process.env['MESHSIM_SHARED'],
  join(ROOT, '../shared'),
].find((path) => path !== undefined && existsSync(join(path, 'vectors')));

/** A path below the shared folder; only call it where `SHARED` is there. */
export function shared(path: string): string {
  return resolve(SHARED ?? '.', path);
}
