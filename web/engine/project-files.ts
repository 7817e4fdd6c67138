import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import type { Project } from './protocol.ts';

/** The files of a project as the engine reads them. */
export function projectFiles({ files }: Project): ScenarioFileSystem {
  const texts = new Map(Object.entries(files));
  const paths = [...texts.keys()].sort();
  return {
    readFile: (path) => {
      const text = texts.get(path);
      return text === undefined ? { problem: 'no such file' } : { text };
    },
    listFiles: (path) => {
      if (texts.has(path)) return undefined;
      const below = path === '.' ? paths : paths.filter((found) => found.startsWith(`${path}/`));
      return below.length === 0 ? undefined : below;
    },
  };
}
