import type { ViewPlace } from '#report/run-view.ts';
import type { Project } from '../engine/protocol.ts';

export interface ValueChange {
  readonly at: ViewPlace;
  readonly text: string;
}

/**
 * The project with numbers written anew; everything else stays as it is, comments and all. The places are
 * those of `read`, an earlier state of the project: while a value is dragged the text goes ahead of them.
 */
export function replaceValues(
  project: Project,
  changes: readonly ValueChange[],
  read: Project = project,
): Project {
  const files = { ...project.files };
  // Where they are now, before any of them moves another.
  const placed = changes.flatMap(({ at, text }) => {
    const found = stretchNow(project, at, read);
    return found === undefined ? [] : [{ ...found, at, text }];
  });
  placed.sort((a, b) => b.at.line - a.at.line || b.from - a.from);
  for (const { at, from, to, text } of placed) {
    const lines = files[at.file]!.split('\n');
    const line = lines[at.line - 1]!;
    lines[at.line - 1] = line.slice(0, from) + text + line.slice(to);
    files[at.file] = lines.join('\n');
  }
  return { ...project, files };
}

/** The number that is written at a place of `read`; undefined if there is none any more. */
export function numberAt(
  project: Project,
  at: ViewPlace,
  read: Project = project,
): number | undefined {
  const found = stretchNow(project, at, read);
  if (found === undefined) return undefined;
  return Number(lineOf(project, at)?.slice(found.from, found.to));
}

/** Digits of a line, counted from 0. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

const IS_DIGIT = /[\d.]/;

/** Where the digits of a place of `read` are in its line now. */
export function stretchNow(project: Project, at: ViewPlace, read: Project): Stretch | undefined {
  const line = lineOf(project, at);
  const old = lineOf(read, at);
  if (line === undefined || old === undefined) return undefined;
  const start = at.column - 1;
  let same = 0;
  while (same < start && line[same] === old[same]) same++;
  let from = start;
  if (same < start) {
    // Something before it in the line is of another length: what comes after it has stayed.
    let end = line.length - (old.length - start - at.length);
    while (end > 0 && IS_DIGIT.test(line[end - 1]!)) end--;
    from = end;
  }
  let to = from;
  while (to < line.length && IS_DIGIT.test(line[to]!)) to++;
  return to > from && from >= 0 ? { from, to } : undefined;
}

function lineOf({ files }: Project, { file, line }: ViewPlace): string | undefined {
  return files[file]?.split('\n')[line - 1];
}
