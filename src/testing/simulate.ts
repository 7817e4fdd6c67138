import { prepareExperiment } from '#scenario/experiment.ts';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { folderOf } from '#scenario/file/paths.ts';
import { LayeredFiles } from './layered-files.ts';
import { ScenarioBuilder } from './scenario-builder.ts';
import { ScenarioError } from './scenario-error.ts';
import type { ScenarioObject } from './scenario-object.ts';
import { Simulation } from './simulation.ts';

export interface SimulateOptions {
  /** Instead of the scenario's. */
  readonly seed?: number;
  /** Keys over the scenario's, as a file with `extends` has them. */
  readonly overrides?: ScenarioObject;
  /** Parameters, as `--set NAME=VALUE`. */
  readonly set?: { readonly [name: string]: string | number | boolean };
  /** Where paths of a scenario object start; the working folder by default. */
  readonly folder?: string;
  /** Files by path: before those of the disk, or instead of them where there is none. */
  readonly files?: { readonly [path: string]: string };
  /** Queries that are known to be asked: they cost no second run. */
  readonly queries?: readonly string[];
}

/** The path of a scenario file, or a scenario itself. */
export type ScenarioInput = string | ScenarioObject | ScenarioBuilder;

/** Runs a scenario to its end. Throws a `ScenarioError` if it cannot be used. */
export function simulateWith(
  disk: ScenarioFileSystem | undefined,
  input: ScenarioInput,
  options: SimulateOptions,
): Simulation {
  const { path, texts } = layered(input, options);
  const files = new LayeredFiles(texts, disk);
  const parameters = Object.entries(options.set ?? {}).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const loaded = loadScenario(path, files, {
    parameters: new Map(parameters),
    seed: options.seed,
    // A test may lie beside the manifests that it reads.
    mayLeaveFolder: true,
  });
  if (loaded.scenario === undefined) throw new ScenarioError(loaded.diagnostics, loaded.files);
  const prepared = prepareExperiment(loaded.scenario, files);
  const { experiment } = prepared;
  if (experiment === undefined) {
    throw new ScenarioError(
      [...loaded.diagnostics, ...prepared.diagnostics],
      [...loaded.files, ...prepared.files],
    );
  }
  const warnings = [...loaded.diagnostics, ...prepared.diagnostics];
  return new Simulation(experiment, warnings, options.queries ?? []);
}

/** What has to be read, with the texts that are on no disk. */
function layered(
  input: ScenarioInput,
  options: SimulateOptions,
): { readonly path: string; readonly texts: ReadonlyMap<string, string> } {
  const texts = new Map(Object.entries(options.files ?? {}));
  const folder = options.folder ?? '.';
  const beside = (name: string, of: string) => (of === '.' ? name : `${of}/${name}`);
  let path = typeof input === 'string' ? input : beside(OBJECT_NAME, folder);
  if (typeof input !== 'string') texts.set(path, textOf(input));
  if (options.overrides === undefined) return { path, texts };
  const base = path.slice(path.lastIndexOf('/') + 1);
  path = beside(OVERRIDES_NAME, folderOf(path));
  texts.set(path, textOf({ ...options.overrides, extends: base }));
  return { path, texts };
}

const OBJECT_NAME = 'scenario.object.json';
const OVERRIDES_NAME = 'scenario.overrides.json';

/** JSON is YAML 1.2; one key a line, so that a diagnostic shows the line that it is about. */
function textOf(scenario: ScenarioObject | ScenarioBuilder): string {
  const plain = scenario instanceof ScenarioBuilder ? scenario.toJSON() : scenario;
  return JSON.stringify(plain, undefined, 2);
}
