import { compareText } from './compare-text.ts';
import type { Diagnostic, Place } from './diagnostic.ts';
import { MAX_SHOWN_LINE } from './limits.ts';
import { printable } from './printable.ts';

/** The text of a line of a file, counted from 1; `undefined` when it is not known. */
export type LineOf = (file: string, line: number) => string | undefined;

/**
 * A diagnostic for people, editors and CI alike: `FILE:LINE:COL: level CODE: message`, the line, a
 * caret, then the hint (ux.md §2).
 */
export function diagnosticText(diagnostic: Diagnostic, lineOf: LineOf): string {
  const { at, severity, code, message, hint, related } = diagnostic;
  const lines = [`${at === undefined ? '' : `${placeText(at)}: `}${severity} ${code}: ${message}`];
  if (at !== undefined) lines.push(...underlined(at, lineOf));
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  for (const other of related ?? []) lines.push(`  ${placeText(other.at)}: ${other.message}`);
  return printable(lines.join('\n'));
}

/** `FILE:LINE:COL`, which editors and grep understand. */
export function placeText(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}

/** The line of a place with its number, and a caret line below; nothing when the line is not known. */
export function underlined(place: Place, lineOf: LineOf): readonly string[] {
  const text = lineOf(place.file, place.line);
  if (text === undefined) return [];
  // Of a long line, the part around the place.
  const start = place.column <= MAX_SHOWN_LINE ? 0 : place.column - 1;
  const shown = printable(text.slice(start, start + MAX_SHOWN_LINE));
  const before = shown.slice(0, place.column - 1 - start).replace(/[^\t]/g, ' ');
  const room = Math.max(1, shown.length - (place.column - 1 - start));
  const caret = before + '^'.repeat(Math.min(place.length, room));
  const margin = String(place.line);
  return [`  ${margin} | ${shown}`, `  ${' '.repeat(margin.length)} | ${caret}`];
}

/** Sorted by file, place and code: the order in which all of them are reported. */
export function sortedDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      compareText(a.at?.file ?? '', b.at?.file ?? '') ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
}
