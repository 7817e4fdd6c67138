import type { Measure } from '#scenario/sweep/measure.ts';
import type { SweepPlan } from '#scenario/sweep/sweep-plan.ts';
import {
  type PointResult,
  pointResults,
  type Spread,
  type SweepResult,
} from '#scenario/sweep/sweep-result.ts';
import { brokenExpectations } from '#scenario/sweep/sweep-verdict.ts';
import { NOTHING } from './format.ts';
import { documentRange, documentText } from './sweep-units.ts';
import { ASCII_GLYPHS, asciiText, type TextStyle } from './text-style.ts';
import { alignedLines } from './text-table.ts';

/** A sweep: for each measure a table of the points, with the median over the seeds and how sure it is. */
export function sweepText(result: SweepResult, style: TextStyle): string {
  const { plan } = result;
  const points = pointResults(result).filter(({ spreads }) =>
    spreads.some(({ runCount }) => runCount > 0),
  );
  const blocks = [
    [headLine(result, style)],
    ...plan.measures.map((measure, place) => measureLines(plan, measure, points, place, style)),
    ...(result.shard === undefined ? verdictBlocks(result, style) : []),
  ];
  const text = blocks.map((lines) => lines.join('\n')).join('\n\n');
  return `${style.glyphs === ASCII_GLYPHS ? asciiText(text) : text}\n`;
}

/** `canary · 3 points × 10 seeds (1..10) · 30 runs`. */
function headLine({ plan, shard, runs }: SweepResult, { strong, glyphs }: TextStyle): string {
  const pointCount = plan.varied.reduce((product, { values }) => product * values.length, 1);
  const { firstSeed, seedCount } = plan;
  const last = firstSeed + seedCount - 1;
  const seeds =
    seedCount === 1 ? `seed ${firstSeed}` : `${seedCount} seeds (${firstSeed}..${last})`;
  return [
    strong(plan.title),
    `${counted(pointCount, 'point')} ${glyphs.times} ${seeds}`,
    counted(runs.length, 'run'),
    ...(shard === undefined
      ? []
      : [`shard ${shard.index}/${shard.count}: merge it with the others`]),
  ].join(` ${glyphs.dot} `);
}

/** What failed more often than it may; nothing where nothing did. */
function verdictBlocks(
  result: SweepResult,
  { strong, glyphs }: TextStyle,
): readonly (readonly string[])[] {
  const broken = brokenExpectations(result);
  if (broken.length === 0) return [];
  const lines = broken.map(({ name, point, failedCount, runCount, mostFailures }) => {
    const values = point.map(([key, value]) => ` ${key}=${value}`).join('');
    const most = mostFailures === 0 ? '' : ` (at most ${mostFailures} by what it says)`;
    return `  ${glyphs.failed} ${name}${values === '' ? '' : `  with${values}`}  failed in ${failedCount} of ${runCount}${most}`;
  });
  return [[strong('FAILED'), ...lines]];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function measureLines(
  plan: SweepPlan,
  measure: Measure,
  points: readonly PointResult[],
  place: number,
  style: TextStyle,
): readonly string[] {
  const isJudged = measure.kind !== 'client' && measure.is !== undefined;
  const keys = plan.varied.map(({ key }) => key);
  const heading = [
    ...(keys.length === 0 ? ['  '] : keys.map((key, index) => (index === 0 ? `  ${key}` : key))),
    'median',
    '95% interval',
    'lowest..highest',
    ...(isJudged ? ['held'] : []),
  ];
  const rows = points.map(({ point, spreads }) => {
    const cells = point.map(([, value], index) => (index === 0 ? `  ${value}` : value));
    return [...(cells.length === 0 ? ['  '] : cells), ...spreadCells(spreads[place]!, measure)];
  });
  const [head, ...lines] = alignedLines([heading, ...rows], { gap: 3 });
  const is = isJudged ? `   is ${measure.is}` : '';
  return [`${style.strong(measure.name)}${is}`, head!, ...lines];
}

function spreadCells(spread: Spread, { dimension }: Measure): readonly string[] {
  const { median, interval, min, max, heldCount, seenCount, runCount } = spread;
  const unseen = seenCount < runCount ? ` (${seenCount} of ${runCount} saw any)` : '';
  return [
    documentText(median, dimension),
    interval === undefined ? NOTHING : documentRange(interval.low, interval.high, dimension),
    `${documentRange(min, max, dimension)}${unseen}`,
    ...(heldCount === undefined ? [] : [`${heldCount} of ${runCount}`]),
  ];
}
