import type { Run } from '#scenario/run.ts';
import type { BlameResult, RunResult } from '#scenario/run-result.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import type { RowId } from '#telemetry/recorder.ts';
import { flagReason } from './flag-reasons.ts';
import { outcomeText } from './outcome-text.ts';
import type { ViewCause } from './run-view.ts';
import { placeOf, workloadId } from './run-view-graph.ts';

/** Why requests failed, worst first: where a proxy gave up, and which workloads answered with errors. */
export function viewCauses(run: Run, result: RunResult): readonly ViewCause[] {
  const atProxies = result.blame.filter(({ flags }) => flags !== '-');
  const flagged = mergedBlame(atProxies).map((blame) => ofBlame(blame, run));
  return [...flagged, ...answeredErrors(run), ...unproxiedErrors(run)].sort(
    (a, b) => b.count - a.count,
  );
}

/** Clients apart, what one workload met on the way to one cluster is one cause. */
function mergedBlame(blame: readonly BlameResult[]): readonly BlameResult[] {
  const merged = new Map<string, BlameResult>();
  for (const one of blame) {
    const place = one.cause?.at;
    const key = JSON.stringify([one.code, one.flags, one.source, one.destination, place]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? one : { ...known, count: known.count + one.count });
  }
  return [...merged.values()];
}

function ofBlame(blame: BlameResult, run: Run): ViewCause {
  const { count, code, flags, source, destination, cause, behind } = blame;
  const reason = flagReason(flags, destination) ?? `${source} answered so`;
  const proxy = run.recorder.rows.proxies.all.find(({ workload }) => workload === source);
  const from = proxy === undefined ? '' : workloadId(proxy.namespace, source);
  return {
    count,
    code,
    flags,
    // A connection has no code: its flags say all.
    outcome: code === 0 && flags !== '-' ? flags : outcomeText(code, flags),
    reason,
    from,
    destination,
    at: placeOf(cause?.at),
    setting: cause?.setting ?? '',
    behind: behind.map(({ text, at, sinceNs }) => ({ text, at: placeOf(at), sinceNs })),
  };
}

/** 5xx without a flag come from the application, unless it only passed on what it was answered. */
function answeredErrors(run: Run): readonly ViewCause[] {
  const { recorder } = run;
  const { rows, counts } = recorder;
  const failing = (row: RowId) => rows.codeOf(row) >= 500 && counts.countOf(row) > 0;
  const sources = [...recorder.rowsOf('source')].filter(failing);
  const passingOn = new Set(
    sources.map((row) => `${rows.proxyOf(row)?.namespace}/${rows.proxyOf(row)?.workload}`),
  );
  const found = new Map<string, ViewCause>();
  for (const row of sources) {
    const host = rows.hostOf(row);
    const proxy = rows.proxyOf(row);
    if (labelOf(rows, row, 'response_flags') !== '-' || host === undefined) continue;
    const workload = `${host.namespace}/${host.workload}`;
    if (passingOn.has(workload)) continue;
    const code = rows.codeOf(row);
    const key = `${workload} ${code} ${proxy?.namespace}/${proxy?.workload}`;
    const count = counts.countOf(row) + (found.get(key)?.count ?? 0);
    const subset = labelOf(rows, row, 'subset');
    const service = labelOf(rows, row, 'destination_service_name');
    found.set(key, {
      count,
      code,
      flags: '-',
      outcome: String(code),
      reason: `${host.workload} answered ${code}`,
      from: workloadId(proxy?.namespace ?? '', proxy?.workload ?? ''),
      destination: subset === '' ? service : `${service}|${subset}`,
      at: placeOf(workloadKeyAt(run, workload)),
      setting: `workloads: ${host.workload}`,
      behind: [],
    });
  }
  return [...found.values()];
}

/**
 * 5xx that no proxy could see: the bytes went through as TCP, or there is no proxy on the client's side.
 * The client alone knows.
 */
function unproxiedErrors(run: Run): readonly ViewCause[] {
  const { rows, counts } = run.recorder;
  const found = new Map<string, ViewCause>();
  for (const row of run.recorder.rowsOf('client')) {
    const code = rows.codeOf(row);
    const host = rows.hostOf(row);
    const request = rows.requestRowOf(row);
    const isSeen = request >= 0 && rows.protocolOf(request) !== 'tcp';
    const isPlain = labelOf(rows, row, 'response_flags') === '-';
    if (code < 500 || isSeen || !isPlain || host === undefined) continue;
    const workload = `${host.namespace}/${host.workload}`;
    const key = `${workload} ${code}`;
    const count = counts.countOf(row) + (found.get(key)?.count ?? 0);
    const proxy = rows.proxyOf(row);
    found.set(key, {
      count,
      code,
      flags: '-',
      outcome: String(code),
      reason: `${host.workload} answered ${code}, past the proxies`,
      from: proxy === undefined ? '' : workloadId(proxy.namespace, proxy.workload),
      destination: labelOf(rows, row, 'destination_service_name'),
      at: placeOf(workloadKeyAt(run, workload)),
      setting: `workloads: ${host.workload}`,
      behind: [],
    });
  }
  return [...found.values()];
}

/** Where a scenario says how a workload behaves. */
function workloadKeyAt({ experiment }: Run, workload: string) {
  const found = [...experiment.scenario.workloads].find(
    ([name]) => experiment.workloadKeys.get(name) === workload,
  );
  return found?.[1].keyAt;
}
