import fs from 'node:fs';
import path from 'node:path';
import type {
  AccessLogEntry,
  CaseLog,
  LoggedOutlierEvent,
  LoggedRequest,
} from '#scenario/envoy-case/case-log.ts';
import type { Backend } from './backend.ts';
import { accessLog, OUTLIER_LOG, statPrefix, upstreamLog } from './bootstrap.ts';
import type { SentRequest } from './load-driver.ts';

/** All that a run of a real Envoy left behind. */
export interface RawRun {
  readonly folder: string;
  /** Which of the cases that ran together. */
  readonly index: number;
  /** No other case ran with it. */
  readonly isAlone: boolean;
  /** Wall clock at the load's start. */
  readonly startedAtMs: number;
  readonly sent: readonly SentRequest[];
  /** The texts of `/stats?usedonly` and `/clusters`. */
  readonly stats: string;
  readonly clusters: string;
  readonly backends: readonly Backend[];
}

type LogLine = Readonly<Record<string, unknown>>;

/** Joins the proxy's logs, the backends' logs and what the client saw by the request's number. */
export function readCaseLog(run: RawRun): CaseLog {
  const endpointAt = new Map(run.backends.map((it) => [it.endpoint.address, it.endpoint.id]));
  const access = new Map(
    jsonLines(path.join(run.folder, accessLog(run.index))).map((line) => [
      Number(line['id']),
      line,
    ]),
  );
  const tried = triedHosts(jsonLines(path.join(run.folder, upstreamLog(run.index))));
  return {
    requests: run.sent.map((sent, index): LoggedRequest => {
      const line = access.get(index);
      return {
        ...sent,
        access: line === undefined ? undefined : accessEntry(line),
        tried: tried.get(index) ?? [],
      };
    }),
    backends: run.backends.map((it) => ({
      endpoint: it.endpoint.id,
      connections: it.connections,
      requests: it.log,
    })),
    outlierEvents: outlierEvents(run, endpointAt),
    stats: statsOf(run.stats, statPrefix(run.index)),
    finalHealth: healthOf(run.clusters, endpointAt),
  };
}

function accessEntry(line: LogLine): AccessLogEntry {
  return {
    flags: text(line['flags']) ?? '-',
    details: text(line['details']) ?? '-',
    attempts: Number(line['attempts'] ?? 0),
    upstreamHost: text(line['host']),
    cluster: text(line['cluster']),
    route: text(line['route']),
    durationMs: Number(line['duration'] ?? 0),
    line: text(line['line']) ?? '',
  };
}

function triedHosts(lines: readonly LogLine[]): Map<number, LoggedRequest['tried'][number][]> {
  const ordered = lines
    .filter((line) => text(line['host']) !== undefined)
    .sort(
      (a, b) =>
        Number(a['attempts']) - Number(b['attempts']) || Number(a['start']) - Number(b['start']),
    );
  const tried = new Map<number, { address: string; cluster: string }[]>();
  for (const line of ordered) {
    const request = Number(line['id']);
    const list = tried.get(request) ?? [];
    list.push({ address: text(line['host']) ?? '', cluster: text(line['cluster']) ?? '' });
    tried.set(request, list);
  }
  return tried;
}

function outlierEvents(run: RawRun, endpointAt: ReadonlyMap<string, string>) {
  const addressOf = (line: LogLine): string =>
    String(line['upstream_url'] ?? '').replace('tcp://', '');
  const own = jsonLines(path.join(run.folder, OUTLIER_LOG)).filter(
    (line) => run.isAlone || endpointAt.has(addressOf(line)),
  );
  return own.map((line): LoggedOutlierEvent => {
    const address = addressOf(line);
    const isReturn = line['action'] === 'UNEJECT';
    return {
      atSeconds: Math.round(Date.parse(String(line['timestamp'])) - run.startedAtMs) / 1000,
      endpoint: endpointAt.get(address) ?? address,
      cluster: String(line['cluster_name'] ?? ''),
      action: isReturn ? 'UNEJECT' : 'EJECT',
      ...(isReturn ? {} : { type: String(line['type']), enforced: line['enforced'] === true }),
      ejectionCount: Number(line['num_ejections'] ?? 0),
    };
  });
}

/** Counters and gauges of clusters and of the case's connection manager or TCP proxy. */
function statsOf(text: string, prefix: string): Map<string, number> {
  const stats = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, plane = '', owner = '', name = '', value] =
      /^(cluster|http|tcp)\.([^.]+)\.(\S+): (\d+)$/.exec(line) ?? [];
    if (value === undefined) continue;
    if (plane === 'cluster') stats.set(`cluster.${owner}.${name}`, Number(value));
    else if (owner === prefix) stats.set(`${plane}.ingress.${name}`, Number(value));
  }
  return stats;
}

function healthOf(clusters: string, endpointAt: ReadonlyMap<string, string>) {
  const health = new Map<string, string>();
  for (const line of clusters.split('\n')) {
    const match = /^[^:]+::([\d.]+:\d+)::health_flags::(.*)$/.exec(line);
    const endpoint = endpointAt.get(match?.[1] ?? '');
    if (endpoint !== undefined) health.set(endpoint, (match?.[2] ?? '').replace(/^\//, ''));
  }
  return health;
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null || value === '-' ? undefined : String(value);
}

function jsonLines(file: string): LogLine[] {
  if (!fs.existsSync(file)) return [];
  const lines = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as LogLine);
}
