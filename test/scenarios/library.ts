import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NodeFiles } from '#cli/node-files.ts';
import { type Experiment, prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A scenario that ships, as a reader would name it. */
export interface LibraryScenario {
  /** `dark-launch`, `dark-launch/fixed`, `lessons/03-dark-launch`. */
  readonly name: string;
  readonly path: string;
}

/** Every scenario.yaml and fixed.yaml below scenarios/ and lessons/, by name. */
export function libraryScenarios(): readonly LibraryScenario[] {
  return [...scenariosBelow('scenarios', ''), ...scenariosBelow('lessons', 'lessons/')];
}

function scenariosBelow(folder: string, prefix: string): LibraryScenario[] {
  if (!existsSync(`${ROOT}${folder}`)) return [];
  const names = readdirSync(`${ROOT}${folder}`).sort();
  return names.flatMap((name) => {
    const file = (base: string) => `${ROOT}${folder}/${name}/${base}.yaml`;
    const all = [
      { name: `${prefix}${name}`, path: file('scenario') },
      { name: `${prefix}${name}/fixed`, path: file('fixed') },
    ];
    return all.filter(({ path }) => existsSync(path));
  });
}

/** Reads a scenario with its mesh; what is wrong with it is an error here. */
export function experimentOf({ name, path }: LibraryScenario, seed?: number): Experiment {
  const files = new NodeFiles();
  const { scenario, diagnostics } = loadScenario(path, files, { seed });
  if (scenario === undefined) throw new Error(`${name}: ${diagnostics[0]?.message}`);
  const prepared = prepareExperiment(scenario, files);
  if (prepared.experiment === undefined) {
    const problem = prepared.diagnostics.find(({ severity }) => severity === 'error');
    throw new Error(`${name}: ${problem?.message}`);
  }
  return prepared.experiment;
}

/** Runs a scenario with its own seed, or another. */
export function runOf(scenario: LibraryScenario, seed?: number): RunResult {
  return new Run(experimentOf(scenario, seed)).finish();
}
