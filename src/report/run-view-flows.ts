import { labelOf } from '#telemetry/label-catalogue.ts';
import type { RowId } from '#telemetry/recorder.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import type { RunRecorder } from '#telemetry/run-recorder.ts';
import type { RunSeries } from '#telemetry/run-series.ts';
import type { ViewFlow } from './run-view.ts';
import type { RunViewGraph } from './run-view-graph.ts';

/** Requests of clients, and of proxies towards others, by outcome and destination; in buckets. */
export function viewFlows(
  recorder: RunRecorder,
  series: RunSeries,
  graph: RunViewGraph,
): readonly ViewFlow[] {
  const flows = new Map<string, ViewFlow>();
  for (const kind of ['client', 'source', 'tcpSource'] as const)
    for (const row of recorder.rowsOf(kind)) {
      const counts = series.countsOf(row);
      if (counts === undefined) continue;
      const facts = factsOf(recorder, row, graph);
      const key = JSON.stringify(facts);
      const flow = flows.get(key);
      if (flow === undefined) flows.set(key, { ...facts, counts: Float64Array.from(counts) });
      else for (const [bucket, count] of counts.entries()) flow.counts[bucket]! += count;
    }
  return [...flows.values()];
}

function factsOf(recorder: RunRecorder, row: RowId, graph: RunViewGraph): Omit<ViewFlow, 'counts'> {
  const { rows } = recorder;
  const label = (name: string) => labelOf(rows, row, name);
  const isClient = rows.kindOf(row) === 'client';
  const requestRow = rows.requestRowOf(row);
  // A client without a sidecar has no row of its own: it is on no edge.
  const edge = requestRow < 0 || rows.isAtDestination(requestRow) ? -1 : graph.edgeOf(requestRow);
  const version = label('destination_version');
  return {
    client: isClient ? label('client') : '',
    edge,
    subset: label('subset'),
    cluster: label('upstream_cluster'),
    version: version === 'unknown' ? '' : version,
    route: label('route'),
    code: rows.codeOf(row),
    flags: flagsText(rows.flagsOf(row)),
    attempts: requestRow < 0 ? 0 : rows.attemptOf(requestRow),
  };
}
