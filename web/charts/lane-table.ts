import type { RunView } from '#report/run-view.ts';
import { secondsText, shortNumber } from '../state/formats.ts';
import type { HeatPlot, LaneModel } from './lane-model.ts';

/** The numbers of a lane: a head, then rows. */
export function laneTable({ plot }: LaneModel, view: RunView): readonly (readonly string[])[] {
  if (plot.kind === 'spans') {
    const rows = plot.rows.flatMap(({ name, note, spans }) =>
      spans.map((span) => [
        name,
        note,
        span.label,
        secondsText(span.fromNs),
        secondsText(span.toNs),
      ]),
    );
    return [['endpoint', 'pod', 'proxy', 'from s', 'to s'], ...rows];
  }
  if (plot.kind === 'heat') return heatTable(plot, view);
  const head = ['from s', ...plot.series.map(({ name }) => name)];
  const rows = Array.from({ length: view.bucketCount }, (_, bucket) => [
    secondsText(bucket * view.bucketNs),
    ...plot.series.map(({ values }) => {
      const value = values[bucket] ?? Number.NaN;
      return Number.isFinite(value) ? shortNumber(value) : '';
    }),
  ]);
  return [head, ...rows];
}

/** One row for each bin that was met: when, how long, how many. */
function heatTable(
  { counts, bins, lowerOf, tick }: HeatPlot,
  view: RunView,
): readonly (readonly string[])[] {
  const rows: string[][] = [];
  counts.forEach((count, index) => {
    if (count === 0) return;
    const bin = index % bins;
    const fromNs = Math.floor(index / bins) * view.bucketNs;
    rows.push([
      secondsText(fromNs),
      tick(bin === 0 ? 0 : lowerOf(bin)),
      tick(lowerOf(bin + 1)),
      String(count),
    ]);
  });
  return [['from s', 'from', 'below', 'requests'], ...rows];
}
