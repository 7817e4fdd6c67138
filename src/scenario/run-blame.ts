import { compareText } from '#kernel/compare-text.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import type { Asked } from '#telemetry/labels.ts';
import type { RowId } from '#telemetry/recorder.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import type { RunRecorder } from '#telemetry/run-recorder.ts';
import type { FailureInTime } from './behind-failure.ts';
import { type CountedRow, countOf, grouped } from './counted-rows.ts';
import type { BlameCause, BlameLink, BlameResult } from './run-result.ts';

/** What is known of a way to fail: enough to find the rule behind it. */
export interface FailureFacts {
  readonly code: number;
  readonly flags: string;
  /** The proxy that set the flags. */
  readonly proxy: string;
  /** '' if no route matched. */
  readonly cluster: string;
  readonly route: string;
  /** Of what no route took. */
  readonly asked: Asked | undefined;
}

/** What may be asked about a failure; either has an answer or not. */
export interface Explain {
  /** The object and setting that it comes from. */
  readonly rule: (failure: FailureFacts) => BlameCause | undefined;
  /** What the scenario did to bring it about. */
  readonly behind: (failure: FailureInTime) => readonly BlameLink[];
}

/** A chain of calls is followed so far. */
const MAX_DEPTH = 8;

/**
 * Why requests failed. What failed at a proxy is explained by its configuration; what an application
 * answered by how it was told to behave, or, if it only passes on what it was answered, by that.
 */
export class RunBlame {
  readonly #recorder: RunRecorder;
  readonly #explain: Explain;
  /** Failed requests by the workload that sent them, `namespace/name`. */
  readonly #failedOf: ReadonlyMap<string, readonly CountedRow[]>;
  /** Whom a workload has asked, and who has answered for a cluster; `namespace/name`. */
  readonly #asked = new Map<string, Set<string>>();
  readonly #behindCluster = new Map<string, Set<string>>();

  constructor(recorder: RunRecorder, explain: Explain) {
    this.#recorder = recorder;
    this.#explain = explain;
    const rows = this.#sourceRows();
    this.#failedOf = grouped(
      rows.filter(({ row }) => this.#isFailed(row)),
      ({ row }) => this.#senderOf(row),
    );
    for (const { row } of rows) {
      const workload = this.#workloadOf(row);
      if (workload === '') continue;
      addTo(this.#asked, this.#senderOf(row), workload);
      addTo(this.#behindCluster, this.#label(row, 'upstream_cluster'), workload);
    }
  }

  /** Of all proxies, most frequent first; where a workload only passed on a failure, that one alone. */
  all(): readonly BlameResult[] {
    const failed = [...this.#failedOf.values()].flat();
    return this.#resultsOf(failed.filter(({ row }) => this.#passedOn(row).length === 0));
  }

  /** Of the given rows, whoever reports them. */
  of(rows: readonly CountedRow[]): readonly BlameResult[] {
    return this.#resultsOf(rows.filter(({ row }) => this.#isFailed(row)));
  }

  #resultsOf(failed: readonly CountedRow[]): readonly BlameResult[] {
    return [...this.#groupsOf(failed)]
      .map((group) => this.#resultOf(group))
      .sort(
        (a, b) =>
          b.count - a.count || compareText(a.source, b.source) || compareText(a.flags, b.flags),
      );
  }

  #groupsOf(failed: readonly CountedRow[]): Iterable<readonly CountedRow[]> {
    const labels = ['response_code', 'response_flags', 'client', 'upstream_cluster', 'route'];
    return grouped(failed, ({ row }) =>
      [
        this.#senderOf(row),
        this.#askedHost(row),
        ...labels.map((label) => this.#label(row, label)),
      ].join(' '),
    ).values();
  }

  #resultOf(group: readonly CountedRow[]): BlameResult {
    const { counts, rows } = this.#recorder;
    const { row } = group[0]!;
    const subset = this.#label(row, 'subset');
    const isRouted = this.#label(row, 'upstream_cluster') !== '';
    const service = isRouted ? this.#label(row, 'destination_service_name') : this.#askedHost(row);
    return {
      count: countOf(group),
      code: rows.codeOf(row),
      flags: this.#flags(row),
      source: rows.proxyOf(row)?.workload ?? '',
      destination: subset === '' ? service : `${service}|${subset}`,
      client: this.#label(row, 'client'),
      ...this.#explained(group, 0),
      firstNs: Math.min(...group.map((one) => counts.firstNsOf(one.row))),
      lastNs: Math.max(...group.map((one) => counts.lastNsOf(one.row))),
    };
  }

  #explained(group: readonly CountedRow[], depth: number): Pick<BlameResult, 'cause' | 'behind'> {
    const { row } = group[0]!;
    const passedOn = depth < MAX_DEPTH ? this.#passedOn(row) : [];
    if (passedOn.length > 0) {
      const groups = [...this.#groupsOf(passedOn)].sort((a, b) => countOf(b) - countOf(a));
      const next = groups[0]!;
      const { cause, behind } = this.#explained(next, depth + 1);
      return { cause, behind: [this.#callLink(next[0]!.row), ...behind] };
    }
    const atServer = this.#atServer(row);
    const cause = this.#explain.rule(this.#facts(atServer ?? row));
    const behind = this.#explain.behind(this.#inTime(group, cause));
    if (atServer === undefined) return { cause, behind };
    const proxy = this.#label(atServer, 'proxy');
    const text = `the sidecar of ${proxy}: ${this.#recorder.rows.codeOf(row)} ${this.#flags(atServer)}`;
    return { cause, behind: [{ text, at: undefined, sinceNs: undefined }, ...behind] };
  }

  #facts(row: RowId): FailureFacts {
    return {
      code: this.#recorder.rows.codeOf(row),
      flags: this.#flags(row),
      proxy: this.#label(row, 'proxy'),
      cluster: this.#label(row, 'upstream_cluster'),
      route: this.#label(row, 'route'),
      asked: this.#recorder.rows.clusterOf(row)?.asked,
    };
  }

  /** Of what seemed to be answered: the row of the server's own proxy, if that answered in its place. */
  #atServer(row: RowId): RowId | undefined {
    const { rows, counts } = this.#recorder;
    const workload = this.#workloadOf(row);
    if (!ANSWERED.test(this.#flags(row)) || workload === '') return undefined;
    const own = [...this.#recorder.rowsOf('destination')].filter(
      (other) =>
        counts.countOf(other) > 0 &&
        this.#senderOf(other) === workload &&
        rows.codeOf(other) === rows.codeOf(row) &&
        !ANSWERED.test(this.#flags(other)),
    );
    return own.sort((a, b) => counts.countOf(b) - counts.countOf(a))[0];
  }

  #inTime(group: readonly CountedRow[], cause: BlameCause | undefined): FailureInTime {
    const { counts, rows } = this.#recorder;
    const { row } = group[0]!;
    const known = group.map((one) => this.#workloadOf(one.row)).find((it) => it !== '') ?? '';
    const asked = this.#behindCluster.get(this.#label(row, 'upstream_cluster')) ?? new Set();
    const [only, other] = [...asked];
    return {
      code: rows.codeOf(row),
      flags: this.#flags(row),
      workload: known === '' && other === undefined ? (only ?? '') : known,
      downstream: this.#downstreamOf(known === '' ? asked : new Set([known, ...asked])),
      source: this.#senderOf(row),
      file: cause?.at?.file,
      firstNs: Math.min(...group.map((one) => counts.firstNsOf(one.row))),
      lastNs: Math.max(...group.map((one) => counts.lastNsOf(one.row))),
    };
  }

  #downstreamOf(start: ReadonlySet<string>): ReadonlySet<string> {
    const found = new Set(start);
    for (const workload of found)
      for (const next of this.#asked.get(workload) ?? []) found.add(next);
    return found;
  }

  /** `its call to database: 503 URX`. */
  #callLink(row: RowId): BlameLink {
    const flags = this.#flags(row);
    const outcome = `${this.#recorder.rows.codeOf(row)}${flags === '-' ? '' : ` ${flags}`}`;
    const from = this.#recorder.rows.proxyOf(row)?.workload ?? '';
    const to = this.#label(row, 'destination_service_name');
    return { text: `${from} was answered ${outcome} by ${to}`, at: undefined, sinceNs: undefined };
  }

  /**
   * The failed calls that an application's answer passes on: it answered a failure, and has met some of
   * its own; unless it was told to fail with that very status.
   */
  #passedOn(row: RowId): readonly CountedRow[] {
    const { rows } = this.#recorder;
    const workload = this.#workloadOf(row);
    if (!ANSWERED.test(this.#flags(row)) || rows.codeOf(row) < 500 || workload === '') return [];
    const own = this.#failedOf.get(workload) ?? [];
    if (own.length === 0) return [];
    const inTime = this.#inTime([{ row, count: 1 }], undefined);
    const told = this.#explain.behind({ ...inTime, downstream: new Set([workload]) });
    return told.some(({ text }) => /errors \d/.test(text)) ? [] : own;
  }

  #sourceRows(): readonly CountedRow[] {
    const { counts } = this.#recorder;
    return (['source', 'tcpSource'] as const)
      .flatMap((kind) => [...this.#recorder.rowsOf(kind)])
      .map((row) => ({ row, count: counts.countOf(row) }))
      .filter(({ count }) => count > 0);
  }

  /** 5xx; any other error that a proxy of the mesh gave, in gRPC with a 200; nothing answered at all. */
  #isFailed(row: RowId): boolean {
    const code = this.#recorder.rows.codeOf(row);
    const flags = this.#flags(row);
    return code >= 500 || (flags !== '-' && (code === 0 || code >= 400 || PROXIED.test(flags)));
  }

  #senderOf(row: RowId): string {
    const proxy = this.#recorder.rows.proxyOf(row);
    return proxy === undefined ? '' : `${proxy.namespace}/${proxy.workload}`;
  }

  #workloadOf(row: RowId): string {
    const host = this.#recorder.rows.hostOf(row);
    return host === undefined ? '' : `${host.namespace}/${host.workload}`;
  }

  #askedHost(row: RowId): string {
    return this.#recorder.rows.clusterOf(row)?.asked?.host ?? '';
  }

  #label(row: RowId, label: string): string {
    return labelOf(this.#recorder.rows, row, label);
  }

  #flags(row: RowId): string {
    return flagsText(this.#recorder.rows.flagsOf(row));
  }
}

/** The answer was the application's own: no proxy gave it in its place. */
const ANSWERED = /^(?:-|URX)$/;

/** The proxy answered in the place of the application, whatever the code. */
const PROXIED = /\b(?:UO|UH|NC|NR|FI|UT|UF|UC|RL)\b/;

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}
