import { compareText } from '#kernel/compare-text.ts';
import { grouped } from '../counted-rows.ts';
import type { EnvoyCase } from './case-file.ts';
import type { CaseLog } from './case-log.ts';
import { type Counts, countBy, dividedBy, increment } from './counts.ts';
import { distribution, tenths } from './distribution.ts';
import { maskedHeader, maskedLine } from './masked.ts';
import { type Row, rowOf, type Topology, topologyOf } from './measured-row.ts';
import { outlierMeasures } from './outlier-measures.ts';
import { groupCounts, seriesOf } from './series-measures.ts';

/**
 * The measures of one run, as paths into this object name them: `count/status_flags`,
 * `named/NAME/attempts/2`, `sequence/endpoint`, `outlier/order`… Keys are those of the case files.
 */
export interface Measures {
  readonly [measure: string]: unknown;
}

/** Turns what a run left behind into measures. */
export function measure(kase: EnvoyCase, log: CaseLog): Measures {
  const topology = topologyOf(kase);
  const rows = log.requests.map((request) => rowOf(request, topology));
  return {
    requests: rows.length,
    sequence: sequenceOf(rows),
    count: { ...countsOf(rows), backend: receivedBy(log), backend_host: hostsSeenBy(log) },
    share: { ...sharesOf(countsOf(rows), rows.length), backend: backendShares(log) },
    named: namedMeasures(rows),
    by_name: outcomesByName(rows),
    groups: groupCounts(countBy(rows, (row) => row.endpoint)),
    duration: durationsOf(rows),
    picks: picksOf(rows),
    gaps_ms: gapsBetweenAttempts(log, topology, rows),
    connections: Object.fromEntries(log.backends.map((it) => [it.endpoint, it.connections])),
    backend_headers: firstHeadersOf(log),
    access_log: rows.map(({ request }) => maskedLine(request.access?.line ?? '')),
    local_replies: localRepliesOf(rows),
    client_errors: countBy(
      rows.filter((row) => row.request.clientError !== undefined),
      (row) => row.request.clientError ?? '',
    ),
    stats: Object.fromEntries(log.stats),
    outlier: outlierMeasures(log.outlierEvents),
    final_health: Object.fromEntries(log.finalHealth),
    ...(kase.series_bucket_s === undefined ? {} : { series: seriesOf(rows, kase.series_bucket_s) }),
  };
}

function sequenceOf(rows: readonly Row[]): Readonly<Record<string, readonly unknown[]>> {
  return {
    t_ms: rows.map((row) => tenths(row.request.sentMs)),
    name: rows.map((row) => row.request.name ?? null),
    endpoint: rows.map((row) => row.endpoint),
    tried: rows.map((row) => row.tried),
    cluster: rows.map((row) => row.cluster),
    route: rows.map((row) => row.request.access?.route ?? '-'),
    status: rows.map((row) => row.status),
    flags: rows.map((row) => row.flags),
    attempts: rows.map((row) => row.attempts),
    duration_ms: rows.map((row) => tenths(row.request.durationMs)),
    envoy_ms: rows.map((row) => row.request.access?.durationMs ?? null),
  };
}

function countsOf(rows: readonly Row[]): Readonly<Record<string, Counts>> {
  return {
    status: countBy(rows, (row) => String(row.status)),
    flags: countBy(rows, (row) => row.flags),
    status_flags: countBy(rows, (row) => row.statusFlags),
    details: countBy(rows, (row) => row.details),
    endpoint: countBy(rows, (row) => row.endpoint),
    cluster: countBy(rows, (row) => row.cluster),
    attempts: countBy(rows, (row) => String(row.attempts)),
  };
}

function sharesOf(counts: Readonly<Record<string, Counts>>, total: number) {
  const shares: Record<string, Counts> = {};
  for (const kind of ['status', 'status_flags', 'endpoint', 'cluster', 'attempts']) {
    shares[kind] = dividedBy(counts[kind] ?? {}, total);
  }
  return shares;
}

function namedMeasures(rows: readonly Row[]): Readonly<Record<string, unknown>> {
  const named: Record<string, unknown> = {};
  for (const [name, group] of grouped(rows, (row) => row.name)) named[name] = namedMeasure(group);
  return named;
}

function namedMeasure(rows: readonly Row[]): unknown {
  const counts = {
    status_flags: countBy(rows, (row) => row.statusFlags),
    endpoint: countBy(rows, (row) => row.endpoint),
    cluster: countBy(rows, (row) => row.cluster),
    attempts: countBy(rows, (row) => String(row.attempts)),
  };
  return {
    n: rows.length,
    ...counts,
    share: Object.fromEntries(
      Object.entries(counts).map(([kind, it]) => [kind, dividedBy(it, rows.length)]),
    ),
    endpoints_used: Object.keys(counts.endpoint).sort(),
    first_t_s: firstTimes(rows),
    sequence: {
      status_flags: rows.map((row) => row.statusFlags),
      endpoint: rows.map((row) => row.endpoint),
      tried: rows.map((row) => row.tried),
      duration_ms: rows.map((row) => tenths(row.request.durationMs)),
    },
  };
}

/** When each kind of outcome was first seen, counted from the name's first request. */
function firstTimes(rows: readonly Row[]): Counts {
  const startMs = rows[0]?.request.sentMs ?? 0;
  const first: Counts = {};
  for (const row of rows) {
    const outcome = row.endpoint === '-' ? row.statusFlags : `${row.statusFlags} from an endpoint`;
    first[outcome] ??= Math.round(row.request.sentMs - startMs) / 1000;
  }
  return first;
}

const SHOWN_HEADER = /^(x-envoy-|location|set-cookie|retry-after|x-case-)/;

function outcomesByName(rows: readonly Row[]): Readonly<Record<string, unknown>> {
  const byName: Record<string, unknown> = {};
  for (const [name, group] of grouped(rows, (row) => row.name)) {
    const distinct = grouped(group, (row) => JSON.stringify(outcomeOf(row)));
    byName[name] = [...distinct]
      .map(([text, same]) => ({ count: same.length, ...(JSON.parse(text) as object) }))
      .sort((a, b) => b.count - a.count || compareText(JSON.stringify(a), JSON.stringify(b)));
  }
  return byName;
}

function outcomeOf(row: Row): unknown {
  const headers: Record<string, string> = {};
  for (const [name, value] of row.request.headers) {
    if (SHOWN_HEADER.test(name)) headers[name] = maskedHeader(name, value);
  }
  const own = !row.request.headers.has('x-backend') && row.request.body !== undefined;
  return {
    status: row.status,
    flags: row.flags,
    details: row.details,
    attempts: row.attempts,
    cluster: row.cluster,
    headers,
    ...(own ? { body: row.request.body?.slice(0, 300) } : {}),
    ...(row.request.clientError === undefined ? {} : { client_error: row.request.clientError }),
  };
}

function localRepliesOf(rows: readonly Row[]): Readonly<Record<string, string>> {
  const replies: Record<string, string> = {};
  for (const row of rows) {
    if (row.request.headers.has('x-backend') || !row.request.body) continue;
    replies[row.statusFlags] ??= row.request.body.slice(0, 300);
  }
  return replies;
}

function durationsOf(rows: readonly Row[]): unknown {
  const durations = (group: readonly Row[]) => group.map((row) => row.request.durationMs);
  const byName: Record<string, unknown> = {};
  for (const [name, group] of grouped(rows, (row) => row.name)) {
    byName[name] = distribution(durations(group));
  }
  return { all: distribution(durations(rows)), by_name: byName };
}

function picksOf(rows: readonly Row[]): Readonly<Record<string, string>> {
  const picks: Record<string, string> = {};
  for (const row of rows) {
    const key = row.request.key;
    if (key === undefined) continue;
    const before = picks[key];
    picks[key] =
      before !== undefined && before !== row.endpoint ? `${before},${row.endpoint}` : row.endpoint;
  }
  return picks;
}

/** Times between attempts of a request reaching backends, of the cluster that answered. */
function gapsBetweenAttempts(log: CaseLog, topology: Topology, rows: readonly Row[]) {
  const arrivals = new Map<number, { atMs: number; cluster: string | undefined }[]>();
  for (const backend of log.backends) {
    for (const it of backend.requests) {
      const list = arrivals.get(it.request) ?? [];
      list.push({ atMs: it.atMs, cluster: topology.clusterOf.get(backend.endpoint) });
      arrivals.set(it.request, list);
    }
  }
  const gaps: Record<string, number[]> = {};
  rows.forEach((row, index) => {
    const own = (arrivals.get(index) ?? [])
      .filter((it) => row.cluster === '-' || it.cluster === row.cluster)
      .sort((a, b) => a.atMs - b.atMs);
    for (let k = 1; k < own.length; k++) {
      const list = gaps[`after_attempt_${k}`] ?? [];
      list.push(tenths((own[k]?.atMs ?? 0) - (own[k - 1]?.atMs ?? 0)) ?? 0);
      gaps[`after_attempt_${k}`] = list;
    }
  });
  return gaps;
}

function receivedBy(log: CaseLog): Counts {
  return Object.fromEntries(log.backends.map((it) => [it.endpoint, it.requests.length]));
}

function backendShares(log: CaseLog): Counts {
  const received = receivedBy(log);
  const total = Object.values(received).reduce((sum, count) => sum + count, 0);
  return total === 0 ? dividedBy(received, 1) : dividedBy(received, total);
}

function hostsSeenBy(log: CaseLog): Counts {
  const seen: Counts = {};
  for (const backend of log.backends) {
    for (const request of backend.requests)
      increment(seen, `${backend.endpoint} ${request.authority}`);
  }
  return seen;
}

const SHOWN_BACKEND_HEADER = /^(x-envoy-|:authority|host|:path|x-forwarded|x-case-)/;

function firstHeadersOf(log: CaseLog): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = {};
  for (const backend of log.backends) {
    const first = backend.requests[0];
    if (first === undefined) continue;
    const headers = [...first.headers].filter(([name]) => SHOWN_BACKEND_HEADER.test(name));
    shown[backend.endpoint] = { ...Object.fromEntries(headers), '(path)': first.path };
  }
  return shown;
}
