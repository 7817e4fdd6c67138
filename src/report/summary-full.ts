import type { RunResult } from '#scenario/run-result.ts';
import { durationText, momentText, rateText, shareText, significant } from './format.ts';
import { outcomeText } from './outcome-text.ts';
import type { TextStyle } from './text-style.ts';
import { alignedLines } from './text-table.ts';

/** What `--summary full` adds: answers per client, workloads, gauges per proxy and pod, events. */
export function fullSections(result: RunResult, style: TextStyle): readonly string[] {
  const tables: readonly (readonly (readonly string[])[])[] = [
    clientTable(result),
    workloadTable(result),
    gaugeTable(result),
    eventTable(result),
  ];
  return tables
    .filter((rows) => rows.length > 1)
    .flatMap((rows, index) => {
      const [head, ...lines] = alignedLines(rows, { gap: 3 });
      return [...(index === 0 ? [] : ['']), style.strong(head!), ...lines];
    });
}

function clientTable({ clients }: RunResult): readonly (readonly string[])[] {
  const rows = clients.flatMap(({ name, responses }) =>
    responses.map(({ code, flags, count, share }) => [
      `  ${name}`,
      outcomeText(code, flags),
      String(count),
      shareText(share),
    ]),
  );
  return [['CLIENTS', 'response', 'count', 'share'], ...rows];
}

function workloadTable({ workloads }: RunResult): readonly (readonly string[])[] {
  const rows = workloads.map(({ name, requestCount, ratePerSecond, successShare, latency }) => [
    `  ${name}`,
    String(requestCount),
    rateText(ratePerSecond),
    shareText(successShare),
    durationText(latency.valueAt(0.5)),
    durationText(latency.valueAt(0.99)),
    durationText(latency.max),
  ]);
  return [['WORKLOADS', 'requests', 'rate', 'success', 'p50', 'p99', 'max'], ...rows];
}

function gaugeTable({ gauges }: RunResult): readonly (readonly string[])[] {
  const rows = gauges.map(({ kind, proxy, cluster, pod, mean, max }) => [
    `  ${kind === 'queue' ? pod : proxy}`,
    cluster,
    kind,
    significant(mean),
    String(max),
  ]);
  return [['LOAD', 'cluster', 'what', 'mean', 'max'], ...rows];
}

function eventTable({ events }: RunResult): readonly (readonly string[])[] {
  const rows = events.map(({ atNs, kind, proxy, text }) => [
    `  ${momentText(atNs)}`,
    kind === 'push' ? `push to ${proxy}` : kind,
    text,
  ]);
  return [['EVENTS', 'what', ''], ...rows];
}
