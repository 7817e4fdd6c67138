import type { SearchResult, SearchTrial } from '#scenario/sweep/search-result.ts';
import { NOTHING } from './format.ts';
import { documentText } from './sweep-units.ts';
import { ASCII_GLYPHS, asciiText, type TextStyle } from './text-style.ts';
import { alignedLines } from './text-table.ts';

/** A search for a breaking point: the answer first, then what was tried for it. */
export function searchText(result: SearchResult, style: TextStyle): string {
  const { title, firstSeed, seedCount, trials } = result;
  const last = firstSeed + seedCount - 1;
  const seeds = seedCount === 1 ? `seed ${firstSeed}` : `seeds ${firstSeed}..${last}`;
  const blocks = [
    [`${style.strong(title)} ${style.glyphs.dot} ${seeds}`],
    [answer(result, style)],
    trialLines(result, style),
  ];
  const text = blocks.map((lines) => lines.join('\n')).join('\n\n');
  const runCount = trials.length * seedCount;
  const whole = `${text}\n\n${trials.length} values, ${runCount} runs\n`;
  return style.glyphs === ASCII_GLYPHS ? asciiText(whole) : whole;
}

function answer({ key, until, breakingPoint }: SearchResult, style: TextStyle): string {
  const condition = until ?? 'an expectation fails';
  if (breakingPoint.kind === 'found') {
    const { fine, broken } = breakingPoint;
    return `BREAKS  ${key} between ${style.good(fine)} and ${style.bad(broken)}: ${condition}`;
  }
  const { all, low, high } = breakingPoint;
  const range = low === high ? `at ${low}` : `from ${low} to ${high}`;
  return all === 'broken'
    ? `BREAKS EVERYWHERE  ${key} ${range}: ${condition}`
    : `DOES NOT BREAK  ${key} ${range}: never that ${condition}`;
}

function trialLines(result: SearchResult, style: TextStyle): readonly string[] {
  const { key, trials, seedCount, dimension } = result;
  const heading = [`  ${key}`, ...(dimension === undefined ? [] : ['median']), 'broken in', ''];
  const rows = trials.map((trial) => [
    `  ${trial.value}`,
    ...(dimension === undefined ? [] : [medianText(trial, result)]),
    trial.outcome === 'refused' ? NOTHING : `${trial.brokenCount} of ${seedCount}`,
    OUTCOMES[trial.outcome],
  ]);
  const [head, ...lines] = alignedLines([heading, ...rows], { gap: 3 });
  return [style.strong(head!), ...lines];
}

const OUTCOMES = {
  fine: '',
  broken: 'breaks',
  refused: 'the scenario cannot have it',
} as const;

function medianText({ spread }: SearchTrial, { dimension }: SearchResult): string {
  return spread === undefined || dimension === undefined
    ? NOTHING
    : documentText(spread.median, dimension);
}
