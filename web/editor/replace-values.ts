import type { ViewPlace } from '#report/run-view.ts';
import type { Project } from '../engine/protocol.ts';

export interface ValueChange {
  readonly at: ViewPlace;
  readonly text: string;
}

/** The project with values written anew; everything else stays as it is, comments and all. */
export function replaceValues(project: Project, changes: readonly ValueChange[]): Project {
  const files = { ...project.files };
  // From the end, so that places before stay where they are.
  const ordered = [...changes].sort((a, b) => b.at.line - a.at.line || b.at.column - a.at.column);
  for (const { at, text } of ordered) {
    const lines = files[at.file]?.split('\n');
    const line = lines?.[at.line - 1];
    if (lines === undefined || line === undefined) continue;
    const start = at.column - 1;
    // While a value is dragged its place is that of an older text: a number is as long as it is now.
    const written = /^[\d.]+/.exec(line.slice(start))?.[0].length ?? at.length;
    lines[at.line - 1] = line.slice(0, start) + text + line.slice(start + written);
    files[at.file] = lines.join('\n');
  }
  return { ...project, files };
}

/** The number that is written at a place; undefined if there is none. */
export function numberAt({ files }: Project, at: ViewPlace): number | undefined {
  const line = files[at.file]?.split('\n')[at.line - 1] ?? '';
  const digits = /^[\d.]+/.exec(line.slice(at.column - 1))?.[0];
  return digits === undefined ? undefined : Number(digits);
}
