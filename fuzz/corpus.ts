import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHARED } from '../test/shared-data.ts';
import { filesBelow, ROOT } from '../test/tidy/source-tree.ts';

/** A scenario that ships, with every file of its folder, by name. */
export interface Project {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
}

/** Every scenario of the library, and of the lessons. */
export function projects(): readonly Project[] {
  return ['scenarios', 'lessons'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${folder}/${name}`)
      .filter((name) => existsSync(join(ROOT, name, 'scenario.yaml')))
      .sort()
      .map((name) => ({ name, files: filesOf(name) })),
  );
}

function filesOf(folder: string): ReadonlyMap<string, string> {
  const endings = ['.yaml', '.yml', '.json', '.csv', '.ndjson', '.log'];
  const files = filesBelow(folder, endings).map(({ path }) => path);
  return new Map(
    files.map((path) => [path.slice(folder.length + 1), readFileSync(join(ROOT, path), 'utf8')]),
  );
}

/** Envoy-level cases: those of this repository, and the shared ones where they are. */
export function envoyCases(): readonly string[] {
  const folders = ['test/fidelity', SHARED === undefined ? '' : join(SHARED, 'cases/envoy')];
  return folders
    .map((folder) => (folder.startsWith('/') ? folder : join(ROOT, folder)))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.json'))
    .sort()
    .map((path) => readFileSync(path, 'utf8'));
}
