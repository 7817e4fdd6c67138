import type { Place } from './diagnostic.ts';
import type { SourceFile } from './source-file.ts';

/** A file, or a part of it whose offsets begin at its own start. */
export interface TextPart {
  readonly text: string;
  placeOf(start: number, end: number): Place;
  /** A line of the whole file. */
  line(number: number): string;
}

/** Markers other than a bare `---`: what follows them is for the full parser to tell. */
const OTHER_MARKER = /^(?:---[ \t]+[^ \t\r\n]|%|\.\.\.(?:[ \t\r\n]|$))/m;
const SEPARATOR = /^---[ \t]*\r?$/gm;

/** The documents of a file as parts of their own; the whole file where it can't be cut so simply. */
export function documentParts(file: SourceFile): readonly TextPart[] {
  if (OTHER_MARKER.test(file.text)) return [file];
  const parts: TextPart[] = [];
  let start = 0;
  for (const { index, 0: marker } of file.text.matchAll(SEPARATOR)) {
    // What stands before the first marker is a document only if it says something.
    if (start > 0 || !isBlank(file.text.slice(0, index))) parts.push(partOf(file, start, index));
    start = index + marker.length;
  }
  if (start === 0) return [file];
  parts.push(partOf(file, start, file.text.length));
  return parts;
}

function isBlank(text: string): boolean {
  return /^(?:[ \t]*(?:#[^\n]*)?(?:\r?\n|$))*$/.test(text);
}

function partOf(file: SourceFile, start: number, end: number): TextPart {
  return {
    text: file.text.slice(start, end),
    placeOf: (from, to) => file.placeOf(start + from, start + to),
    line: (number) => file.line(number),
  };
}
