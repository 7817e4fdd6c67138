import { prepareExperiment } from '#scenario/experiment.ts';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { folderOf } from '#scenario/file/paths.ts';

/** A scenario with every file that it reads, by their paths seen from its folder. */
export interface ReadProject {
  readonly scenario: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Reads a scenario as a run would, and keeps the text of every file that was asked for. */
export function readProject(path: string, files: ScenarioFileSystem): ReadProject {
  const read = new Map<string, string>();
  const recording: ScenarioFileSystem = {
    listFiles: (folder) => files.listFiles(folder),
    readFile: (file) => {
      const content = files.readFile(file);
      if ('text' in content) read.set(file, content.text);
      return content;
    },
  };
  const { scenario } = loadScenario(path, recording);
  if (scenario !== undefined) prepareExperiment(scenario, recording);
  const folder = folderOf(path);
  const named = [...read].map(([file, text]) => [insideOf(folder, file), text] as const);
  return { scenario: insideOf(folder, path), files: Object.fromEntries(named) };
}

/** The same project as files in memory. */
export function filesOfProject({ files }: ReadProject): ScenarioFileSystem {
  const paths = Object.keys(files).sort();
  return {
    readFile: (path) => {
      const text = files[path];
      return text === undefined ? { problem: 'no such file' } : { text };
    },
    listFiles: (path) => {
      const below = path === '.' ? paths : paths.filter((file) => file.startsWith(`${path}/`));
      return below.length === 0 || paths.includes(path) ? undefined : below;
    },
  };
}

function insideOf(folder: string, file: string): string {
  return folder !== '.' && file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
}
