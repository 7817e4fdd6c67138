import type { ManifestSource } from '#mesh/manifests.ts';

/** Paths of the command line as sources; they stand in no file. */
export function manifestSources(paths: readonly string[]): readonly ManifestSource[] {
  return paths.map((path) => ({
    kind: 'path',
    path,
    at: { file: 'command line', line: 1, column: 1, length: 1 },
  }));
}
