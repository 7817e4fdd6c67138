import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import { folderOf, pathFrom } from '#scenario/file/paths.ts';
import { type GuessedScenario, guessScenario } from '#scenario/guess-scenario.ts';

/** A scenario to run: a file, or one that bare manifests imply. */
export interface ScenarioSource {
  readonly path: string;
  readonly files: ScenarioFileSystem;
  /** To be said with the outcome; '' when the scenario was written by somebody. */
  readonly note: string;
}

const IMPLIED = 'implied-scenario.yaml';
/** The folder that standard input seems to lie in. */
const STDIN_FOLDER = 'stdin';

/**
 * What `meshsim run PATH` means: a scenario file; a folder with a `scenario.yaml`; or manifests (a file,
 * a folder, `-`), for which a scenario is implied: a client for each host of a gateway, else for each Service.
 */
export function scenarioSource(written: string, files: ScenarioFileSystem): ScenarioSource {
  // Files are listed without `./`.
  const path = pathFrom('.', written);
  const listed = files.listFiles(path);
  if (listed !== undefined) {
    const own = path === '.' ? 'scenario.yaml' : `${path}/scenario.yaml`;
    if (listed.includes(own)) return { path: own, files, note: '' };
    return listed.some(isManifest) ? impliedScenario(path, path, files) : emptyFolder(path, files);
  }
  const content = files.readFile(path);
  if ('problem' in content || !isManifests(content.text)) return { path, files, note: '' };
  const folder = path === '-' ? STDIN_FOLDER : folderOf(path);
  const file = path === '-' ? `${STDIN_FOLDER}/manifests.yaml` : path;
  const alone: ScenarioFileSystem = {
    readFile: (wanted) => (wanted === file ? content : files.readFile(wanted)),
    listFiles: (wanted) => (wanted === folder ? [file] : undefined),
  };
  return impliedScenario(path, folder, alone);
}

/** Objects of Kubernetes at the top level, where a scenario has its own keys. */
function isManifests(text: string): boolean {
  const isObject = /^(?:---\s+)?\{?\s*["']?(?:apiVersion|kind)["']?\s*:/m.test(text);
  return isObject && !/^(?:mesh|clients|extends)\s*:/m.test(text);
}

function isManifest(path: string): boolean {
  return /\.(ya?ml|json)$/.test(path);
}

function emptyFolder(path: string, files: ScenarioFileSystem): ScenarioSource {
  const problem = 'no scenario.yaml is in this folder, and no manifest (.yaml, .yml, .json)';
  const readFile: ScenarioFileSystem['readFile'] = (wanted) =>
    wanted === path ? { problem } : files.readFile(wanted);
  return { path, files: { readFile, listFiles: (wanted) => files.listFiles(wanted) }, note: '' };
}

function impliedScenario(given: string, folder: string, files: ScenarioFileSystem): ScenarioSource {
  const path = folder === '.' ? IMPLIED : `${folder}/${IMPLIED}`;
  const guessed = guessScenario(folder, path, files);
  const text = isNothingLeft(folder, guessed, files)
    ? "mesh: ['.']\nclients: {}\n" // Says what is wrong with them.
    : guessed.text;
  return {
    path,
    files: {
      readFile: (wanted) => (wanted === path ? { text } : files.readFile(wanted)),
      listFiles: (wanted) => files.listFiles(wanted),
    },
    note: noteOf(given === '-' ? 'DIR' : folder, guessed),
  };
}

/** Every manifest has an error: nothing could be said about traffic. */
function isNothingLeft(
  folder: string,
  { leftOut }: GuessedScenario,
  files: ScenarioFileSystem,
): boolean {
  const manifests = (files.listFiles(folder) ?? []).filter(isManifest);
  const refused = new Set(leftOut.map(({ what }) => what));
  return manifests.every((file) => refused.has(file));
}

function noteOf(folder: string, { clients, leftOut }: GuessedScenario): string {
  const names = clients.map(({ name }) => name).join(', ') || 'none';
  const but = leftOut.map(({ what, why }) => `; left out: ${what} (${why})`).join('');
  return `no scenario given, one is implied with assumed latencies and load; clients: ${names}${but}; meshsim init ${folder} writes it down`;
}
