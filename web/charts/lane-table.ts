import type { RunView } from '#report/run-view.ts';
import { secondsText, shortNumber } from '../state/formats.ts';
import type { LaneModel } from './lane-model.ts';

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
