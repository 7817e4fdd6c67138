import type { MetricDifference, RunComparison } from '#scenario/run-comparison.ts';
import { behindLines, placeText } from './blame-text.ts';
import { expectationLines } from './expectation-text.ts';
import { durationText, NOTHING, numberText, percentNumber, shareText } from './format.ts';
import type { TextStyle } from './text-style.ts';
import { alignedLines } from './text-table.ts';

/** Two runs side by side: what is different, how surely, and which requests ended otherwise. */
export function comparisonText(comparison: RunComparison, style: TextStyle): string {
  const { a, b, pairedCount, onlyInA, onlyInB } = comparison;
  const unpaired = onlyInA + onlyInB === 0 ? '' : `, ${onlyInA} only in A, ${onlyInB} only in B`;
  const expectations = expectationLines(b, style);
  const blocks = [
    [
      `A  ${a.scenario} ${style.glyphs.dot} ${a.title} ${style.glyphs.dot} digest ${a.digest}`,
      `B  ${b.scenario} ${style.glyphs.dot} ${b.title} ${style.glyphs.dot} digest ${b.digest}`,
      `${pairedCount} requests in both, on the same random numbers (seed ${a.seed})${unpaired}`,
    ],
    metricLines(comparison.metrics, style),
    changeLines(comparison, style),
    ...(expectations.length === 0
      ? []
      : [
          [expectations[0]!.replace('EXPECTATIONS', 'EXPECTATIONS OF B'), ...expectations.slice(1)],
        ]),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function metricLines(metrics: readonly MetricDifference[], style: TextStyle): readonly string[] {
  if (metrics.length === 0) return ['no client made the same requests in both'];
  const rows = metrics.map((metric) => [
    `  ${metric.client}`,
    metric.metric,
    amount(metric.a, metric),
    amount(metric.b, metric),
    signed(metric.difference, metric),
    intervalOf(metric),
    metric.verdict,
  ]);
  const header = ['  client', 'metric', 'A', 'B', 'difference', 'paired 95% interval', ''];
  const lines = alignedLines([header, ...rows], { gap: 2 });
  return [
    style.strong('DIFFERENCES'),
    lines[0]!,
    ...lines.slice(1).map((line, index) => painted(line, metrics[index]!, style)),
  ];
}

function painted(line: string, { verdict }: MetricDifference, style: TextStyle): string {
  if (verdict === 'worse') return line.replace(/worse$/, style.bad('worse'));
  return verdict === 'better' ? line.replace(/better$/, style.good('better')) : line;
}

function amount(value: number, { dimension }: MetricDifference): string {
  if (Number.isNaN(value)) return NOTHING;
  if (dimension === 'share') return shareText(value);
  return dimension === 'duration' ? durationText(value) : numberText(value);
}

function signed(value: number, metric: MetricDifference): string {
  if (Number.isNaN(value)) return NOTHING;
  const size =
    metric.dimension === 'share'
      ? `${percentNumber(Math.abs(value))} points`
      : amount(Math.abs(value), metric);
  if (value === 0) return size;
  return `${value < 0 ? '-' : '+'}${size}`;
}

function intervalOf(metric: MetricDifference): string {
  const { interval } = metric;
  if (interval === undefined) return NOTHING;
  const end = (value: number) => signed(value, metric).replace(' points', '');
  return `${end(interval.low)}..${end(interval.high)}`;
}

/** Groups that are shown; JSON has them all. */
const SHOWN_CHANGES = 10;

function changeLines({ changes }: RunComparison, style: TextStyle): readonly string[] {
  if (changes.length === 0) return ['every request ended as before'];
  const total = changes.reduce((sum, { count }) => sum + count, 0);
  const { times, arrow } = style.glyphs;
  const shown = changes.slice(0, SHOWN_CHANGES);
  const rows = shown.map(({ count, client, before, after, cause }) => [
    `  ${count} ${times}`,
    `${before} ${arrow} ${after}`,
    client,
    cause === undefined
      ? ''
      : `${cause.object}${cause.at === undefined ? '' : `, ${placeText(cause.at)}`}`,
    cause?.setting ?? '',
  ]);
  const more = changes.length - SHOWN_CHANGES;
  return [
    `${style.strong('CHANGED')}  ${total} requests ended otherwise`,
    ...alignedLines(rows, { gap: 2 }).flatMap((line, index) => [
      line,
      ...behindLines(shown[index]!.behind, style).map((behind) => `  ${behind}`),
    ]),
    ...(more > 0 ? [`  and ${more} more groups`] : []),
  ];
}
