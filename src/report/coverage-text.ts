import type { CoverageItem, RunResult } from '#scenario/run-result.ts';
import { shareText } from './format.ts';
import type { TextStyle } from './text-style.ts';
import { alignedLines } from './text-table.ts';

/** How much of what was written was exercised, 0 to 1; 1 where there is nothing to exercise. */
export function coverageShare({ coverage }: RunResult): number {
  if (coverage.length === 0) return 1;
  return coverage.filter(({ isExercised }) => isExercised).length / coverage.length;
}

/** Every route, match, subset and policy with its place, and whether it was exercised. */
export function coverageText(result: RunResult, style: TextStyle): string {
  const { coverage } = result;
  if (coverage.length === 0) return 'COVERAGE  no routes, subsets or policies to exercise\n';
  const exercised = coverage.filter(({ isExercised }) => isExercised).length;
  const share = shareText(coverageShare(result));
  const head = style.strong(`COVERAGE  ${share}: ${exercised} of ${coverage.length} exercised`);
  const rows = coverage.map(({ kind, name, at, isExercised }: CoverageItem) => [
    `  ${isExercised ? style.glyphs.held : style.glyphs.failed}`,
    kind,
    name,
    at === undefined ? '' : `${at.file}:${at.line}`,
  ]);
  return `${[head, ...alignedLines(rows, { gap: 2 })].join('\n')}\n`;
}
