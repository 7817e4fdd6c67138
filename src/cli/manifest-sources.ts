import type { ManifestSource } from '#mesh/manifests.ts';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';

/** Paths of the command line as sources; they stand in no file. A scenario stands for its mesh. */
export function manifestSources(
  paths: readonly string[],
  files: ScenarioFileSystem,
): readonly ManifestSource[] {
  return paths.flatMap((path): readonly ManifestSource[] => {
    const at = { file: 'command line', line: 1, column: 1, length: 1 };
    return scenarioMesh(path, files) ?? [{ kind: 'path', path, at }];
  });
}

/** What a scenario lists under `mesh`; undefined for a file that is none, or not a good one. */
function scenarioMesh(
  path: string,
  files: ScenarioFileSystem,
): readonly ManifestSource[] | undefined {
  if (files.listFiles(path) !== undefined) return undefined;
  const content = files.readFile(path);
  if ('problem' in content || !/^(?:mesh|extends)\s*:/m.test(content.text)) return undefined;
  return loadScenario(path, files).scenario?.mesh;
}
