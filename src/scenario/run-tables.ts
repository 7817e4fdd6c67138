import { compareText } from '#kernel/compare-text.ts';
import { Histogram } from '#telemetry/histogram.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import type { ExpectationResult } from '#telemetry/query/expectation.ts';
import type { RowId } from '#telemetry/recorder.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import { codeClass, isSuccess } from '#telemetry/row-outcome.ts';
import type { RowKind } from '#telemetry/row-table.ts';
import {
  clientGroup,
  edgeGroup,
  groupOf,
  type RunRecorder,
  workloadGroup,
} from '#telemetry/run-recorder.ts';
import { type CountedRow, countOf, grouped } from './counted-rows.ts';
import type { RunBlame } from './run-blame.ts';
import type {
  EdgeResult,
  EjectionResult,
  ExpectationOutcome,
  GaugeResult,
  ResponseResult,
  SplitPart,
  SplitResult,
  TrafficResult,
  WorkloadResult,
} from './run-result.ts';

/** The tables of a result, read from what a run has recorded. Pure: the same record, the same tables. */
export class RunTables {
  readonly #recorder: RunRecorder;
  /** Seconds in which requests were counted. */
  readonly #seconds: number;

  constructor(recorder: RunRecorder, measuredNs: number) {
    this.#recorder = recorder;
    this.#seconds = measuredNs / 1e9;
  }

  /** By name. A client that sent nothing is there, too. */
  clients(): readonly TrafficResult[] {
    const byName = this.#grouped('client', (row) => this.#label(row, 'client'));
    const unfinished = this.#grouped('unfinished', (row) => this.#label(row, 'client'));
    const dropped = this.#grouped('dropped', (row) => this.#label(row, 'client'));
    const names = this.#recorder.rows.clients.all.map(({ name }) => name).sort();
    return names.map((name) => {
      return {
        ...this.#traffic(name, byName.get(name) ?? [], clientGroup(name)),
        unfinishedCount: countOf(unfinished.get(name) ?? []),
        droppedCount: countOf(dropped.get(name) ?? []),
      };
    });
  }

  /** By source, then destination; TCP connections count as requests here. */
  edges(): readonly EdgeResult[] {
    const rows = [...this.#rowsOf('source'), ...this.#rowsOf('tcpSource')];
    const groups = grouped(rows, ({ row }) => groupOf(this.#recorder.rows, row)!);
    const edges = [...groups.values()].map((rows): EdgeResult => {
      const first = rows[0]!.row;
      const source = this.#label(first, 'source_workload');
      const destination = this.#label(first, 'destination_service_name');
      const sourceName = `${this.#label(first, 'source_workload_namespace')}/${source}`;
      const destinationName = `${this.#label(first, 'destination_service_namespace')}/${destination}`;
      const group = edgeGroup(sourceName, destinationName);
      const traffic = this.#traffic(`${source}→${destination}`, rows, group);
      return { ...traffic, source: sourceName, destination: destinationName };
    });
    return edges.sort(
      (a, b) => compareText(a.source, b.source) || compareText(a.destination, b.destination),
    );
  }

  /** By name. */
  workloads(): readonly WorkloadResult[] {
    const groups = this.#grouped(
      'destination',
      (row) =>
        `${this.#label(row, 'destination_workload_namespace')}/${this.#label(row, 'destination_workload')}`,
    );
    return [...groups]
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, rows]) => {
        const { requestCount, ratePerSecond, successShare, latency } = this.#traffic(
          name,
          rows,
          workloadGroup(name),
        );
        return { name, requestCount, ratePerSecond, successShare, latency };
      });
  }

  /** Of all clients together, most frequent first. */
  responses(): readonly ResponseResult[] {
    return this.responsesOf(this.#rowsOf('client'));
  }

  /** Shares are of the rows themselves, unless they are some of more requests. */
  responsesOf(
    rows: readonly CountedRow[],
    total: number = countOf(rows),
  ): readonly ResponseResult[] {
    const groups = grouped(rows, ({ row }) => {
      const { code, flags } = this.#outcome(row);
      return `${code} ${flags}`;
    });
    return [...groups.values()]
      .map((group): ResponseResult => {
        const { code, flags } = this.#outcome(group[0]!.row);
        const count = countOf(group);
        return { code, flags, count, share: count / total };
      })
      .sort((a, b) => b.count - a.count || a.code - b.code || compareText(a.flags, b.flags));
  }

  /**
   * How requests were spread over subsets of one service, and of one route over several services: by
   * what routing chose, whether or not a host was reached.
   */
  splits(): readonly SplitResult[] {
    const rows = this.#rowsOf('source').filter(
      ({ row }) => this.#label(row, 'upstream_cluster') !== '',
    );
    const services = grouped(rows, ({ row }) => this.#label(row, 'destination_service'));
    const routes = grouped(
      rows.filter(({ row }) => !PLAIN_ROUTES.has(this.#label(row, 'route'))),
      ({ row }) => this.#label(row, 'route'),
    );
    const ofServices = [...services.values()]
      .map((group) => this.#split(this.#serviceName(group[0]!.row), group))
      .filter(({ parts }) => parts.length > 1 || parts[0]!.name.includes('|'));
    const ofRoutes = [...routes]
      .filter(([, group]) => new Set(group.map(({ row }) => this.#serviceName(row))).size > 1)
      .map(([route, group]) => this.#split(route, group));
    return [...ofServices, ...ofRoutes].sort((a, b) => compareText(a.of, b.of));
  }

  /** A verdict with what its requests came to. */
  outcomeOf(result: ExpectationResult, blame: RunBlame): ExpectationOutcome {
    const { requests } = result;
    if (requests === undefined) {
      return { ...result, requestCount: undefined, failures: [], blame: [] };
    }
    const { rows } = this.#recorder;
    const requestCount = countOf(requests);
    const failed = requests.filter(({ row }) => !isSuccess(rows, row));
    const failures = this.responsesOf(failed, requestCount);
    return { ...result, requestCount, failures, blame: blame.of(requests) };
  }

  /** In order of time. */
  ejections(): readonly EjectionResult[] {
    const { proxies, clusters, hosts } = this.#recorder.rows;
    return this.#recorder.events.ejections.map((ejection) => {
      const { address, pod } = hosts.of(ejection.host);
      return {
        atNs: ejection.atNs,
        host: address,
        pod,
        cluster: clusters.of(ejection.cluster).name,
        proxy: proxies.of(ejection.proxy).name,
        detector: ejection.detector,
        count: ejection.count,
        backNs: ejection.backNs,
      };
    });
  }

  /** By kind, then proxy, cluster and pod; those that were always zero are left out. */
  gauges(nowNs: number): readonly GaugeResult[] {
    const kinds = ['inflight', 'pending', 'connections', 'queue'] as const;
    return kinds.flatMap((kind) =>
      [...this.#recorder.gaugesOf(kind)]
        .map(({ row, window }) => ({
          kind,
          proxy: this.#label(row, 'proxy'),
          cluster: this.#label(row, 'upstream_cluster'),
          pod: this.#label(row, 'pod'),
          mean: window.mean(nowNs),
          max: window.max,
        }))
        .filter(({ max }) => max > 0)
        .sort(
          (a, b) =>
            compareText(a.proxy, b.proxy) ||
            compareText(a.cluster, b.cluster) ||
            compareText(a.pod, b.pod),
        ),
    );
  }

  #split(of: string, rows: readonly CountedRow[]): SplitResult {
    const total = countOf(rows);
    const parts = [...grouped(rows, ({ row }) => this.#label(row, 'upstream_cluster'))].map(
      ([cluster, group]): SplitPart => {
        const count = countOf(group);
        const subset = this.#label(group[0]!.row, 'subset');
        const service = this.#serviceName(group[0]!.row);
        const name = subset === '' ? service : `${service}|${subset}`;
        return { name, cluster, count, share: count / total };
      },
    );
    return {
      of,
      parts: parts.sort((a, b) => compareText(a.name, b.name) || compareText(a.cluster, b.cluster)),
    };
  }

  #traffic(name: string, rows: readonly CountedRow[], group: string): TrafficResult {
    const requestCount = countOf(rows);
    const countWith = (digit: number) =>
      countOf(rows.filter(({ row }) => codeClass(this.#recorder.rows, row) === digit));
    const attempts = rows.reduce((sum, { row }) => sum + this.#recorder.counts.attemptsOf(row), 0);
    return {
      name,
      requestCount,
      unfinishedCount: 0,
      droppedCount: 0,
      ratePerSecond: this.#seconds > 0 ? requestCount / this.#seconds : Number.NaN,
      successShare:
        countOf(rows.filter(({ row }) => isSuccess(this.#recorder.rows, row))) / requestCount,
      share4xx: countWith(4) / requestCount,
      attemptsPerRequest: attempts / requestCount,
      latency: this.#recorder.durationsOf(group) ?? new Histogram(),
      responses: this.responsesOf(rows),
    };
  }

  #rowsOf(kind: RowKind): readonly CountedRow[] {
    return [...this.#recorder.rowsOf(kind)]
      .map((row) => ({ row, count: this.#recorder.counts.countOf(row) }))
      .filter(({ count }) => count > 0);
  }

  #grouped(kind: RowKind, keyOf: (row: RowId) => string): Map<string, CountedRow[]> {
    return grouped(this.#rowsOf(kind), ({ row }) => keyOf(row));
  }

  #label(row: RowId, label: string): string {
    return labelOf(this.#recorder.rows, row, label);
  }

  #serviceName(row: RowId): string {
    return this.#label(row, 'destination_service_name');
  }

  #outcome(row: RowId): { readonly code: number; readonly flags: string } {
    const { rows } = this.#recorder;
    return { code: rows.codeOf(row), flags: flagsText(rows.flagsOf(row)) };
  }
}

/** Names that Istio gives to routes of its own. */
const PLAIN_ROUTES: ReadonlySet<string> = new Set(['', 'default', 'allow_any', 'block_all']);
