import {
  type PairedDifference,
  pairedMeans,
  pairedPercentiles,
} from '#telemetry/paired-difference.ts';
import type { RowId } from '#telemetry/recorder.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import { isSuccess } from '#telemetry/row-outcome.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import type { Run } from './run.ts';
import type { RunBlame } from './run-blame.ts';
import type { BlameCause, BlameLink, BlameResult, RunResult } from './run-result.ts';

/** A run that is over, with all its requests. */
export interface LoggedRun {
  readonly run: Run;
  readonly result: RunResult;
  readonly log: RequestLog;
}

export interface RunComparison {
  readonly a: RunResult;
  readonly b: RunResult;
  readonly metrics: readonly MetricDifference[];
  /** Most requests first. */
  readonly changes: readonly OutcomeChange[];
  /** Requests that both runs have. */
  readonly pairedCount: number;
  readonly onlyInA: number;
  readonly onlyInB: number;
}

export type ComparisonVerdict = 'better' | 'worse' | 'same' | 'unclear';

export interface MetricDifference extends PairedDifference {
  readonly client: string;
  readonly metric: string;
  readonly dimension: 'share' | 'duration' | 'number';
  /** `unclear`: too few requests to tell. */
  readonly verdict: ComparisonVerdict;
}

/** Requests that ended in one way in A and in another in B. */
export interface OutcomeChange {
  readonly count: number;
  readonly client: string;
  /** `200`, `503 UO`. */
  readonly before: string;
  readonly after: string;
  /** Of the failure after; of the one before, if that is gone. */
  readonly cause: BlameCause | undefined;
  /** What the scenario did to bring it about. */
  readonly behind: readonly BlameLink[];
}

interface Pair {
  readonly a: LoggedRequest;
  readonly b: LoggedRequest;
}

/**
 * Two runs on the same random numbers, request by request: the n-th request of a client in A is the n-th
 * in B, sent at the same moment with the same draws. Warm-ups are left out.
 */
export function compareRuns(a: LoggedRun, b: LoggedRun): RunComparison {
  const ofB = new Map(measured(b).map((request) => [keyOf(b, request), request]));
  const requestsOfA = measured(a);
  const pairs = new Map<string, Pair[]>();
  let pairedCount = 0;
  for (const request of requestsOfA) {
    const other = ofB.get(keyOf(a, request));
    if (other === undefined) continue;
    const client = clientOf(a, request);
    const list = pairs.get(client) ?? [];
    list.push({ a: request, b: other });
    pairs.set(client, list);
    pairedCount++;
  }
  const clients = [...pairs.keys()].sort();
  const ordered = clients.map((client): [string, Pair[]] => [
    client,
    pairs.get(client)!.sort((one, two) => one.a.number - two.a.number),
  ]);
  return {
    a: a.result,
    b: b.result,
    metrics: ordered.flatMap(([client, list]) => metricsOf(client, list, a, b)),
    changes: changesOf(ordered, a, b),
    pairedCount,
    onlyInA: requestsOfA.length - pairedCount,
    onlyInB: ofB.size - pairedCount,
  };
}

function measured({ log, result }: LoggedRun): readonly LoggedRequest[] {
  return log.requests.filter(({ intendedNs }) => intendedNs >= result.warmupNs);
}

function keyOf(side: LoggedRun, request: LoggedRequest): string {
  return `${request.number} ${clientOf(side, request)}`;
}

function clientOf({ run }: LoggedRun, { client }: LoggedRequest): string {
  return run.recorder.rows.clients.of(client).name;
}

const PERCENTILES: readonly (readonly [string, number])[] = [
  ['p50 latency', 0.5],
  ['p90 latency', 0.9],
  ['p99 latency', 0.99],
];

function metricsOf(
  client: string,
  pairs: readonly Pair[],
  a: LoggedRun,
  b: LoggedRun,
): readonly MetricDifference[] {
  const success = (side: LoggedRun, { row }: LoggedRequest) =>
    isSuccess(side.run.recorder.rows, row) ? 1 : 0;
  const latency = ({ endNs, intendedNs }: LoggedRequest) => endNs - intendedNs;
  const latencies = [
    pairs.map((pair) => latency(pair.a)),
    pairs.map((pair) => latency(pair.b)),
  ] as const;
  const successes = pairedMeans(
    pairs.map((pair) => success(a, pair.a)),
    pairs.map((pair) => success(b, pair.b)),
  );
  const attempts = pairedMeans(
    pairs.map((pair) => pair.a.attempts),
    pairs.map((pair) => pair.b.attempts),
  );
  const means = pairedMeans(...latencies);
  return [
    {
      client,
      metric: 'success',
      dimension: 'share',
      ...successes,
      verdict: verdictOf(successes, 1),
    },
    {
      client,
      metric: 'mean latency',
      dimension: 'duration',
      ...means,
      verdict: verdictOf(means, -1),
    },
    ...PERCENTILES.map(([metric, quantile]): MetricDifference => {
      const difference = pairedPercentiles(...latencies, quantile);
      const verdict = verdictOf(difference, -1);
      return { client, metric, dimension: 'duration', ...difference, verdict };
    }),
    {
      client,
      metric: 'attempts/req',
      dimension: 'number',
      ...attempts,
      verdict: verdictOf(attempts, -1),
    },
  ];
}

/** `goodSign`: 1 if more is better, −1 if less is. */
function verdictOf(
  { difference, interval }: PairedDifference,
  goodSign: 1 | -1,
): ComparisonVerdict {
  if (interval === undefined) return difference === 0 ? 'same' : 'unclear';
  if (interval.low <= 0 && interval.high >= 0) return 'same';
  return difference * goodSign > 0 ? 'better' : 'worse';
}

function changesOf(
  clients: readonly (readonly [string, readonly Pair[]])[],
  a: LoggedRun,
  b: LoggedRun,
): readonly OutcomeChange[] {
  const groups = new Map<string, OutcomeChange>();
  const causesOfA = new Causes(a);
  const causesOfB = new Causes(b);
  for (const [client, pairs] of clients) {
    for (const pair of pairs) {
      const before = outcomeOf(a, pair.a);
      const after = outcomeOf(b, pair.b);
      if (before === after) continue;
      const found = causesOfB.of(pair.b) ?? causesOfA.of(pair.a);
      const { cause, behind = [] } = found ?? {};
      const key = JSON.stringify([client, before, after, cause?.object, cause?.setting, behind]);
      const count = (groups.get(key)?.count ?? 0) + 1;
      groups.set(key, { count, client, before, after, cause, behind });
    }
  }
  return [...groups.values()].sort((one, two) => two.count - one.count);
}

/** Why requests of a run failed, row by row: as far down as the failure came from. */
class Causes {
  readonly #blame: RunBlame;
  readonly #found = new Map<RowId, BlameResult | undefined>();

  constructor({ run }: LoggedRun) {
    this.#blame = run.blame();
  }

  /** Undefined of a request that did not fail. */
  of({ row }: LoggedRequest): BlameResult | undefined {
    if (!this.#found.has(row)) this.#found.set(row, this.#blame.of([{ row, count: 1 }])[0]);
    return this.#found.get(row);
  }
}

function outcomeOf({ run }: LoggedRun, { row }: LoggedRequest): string {
  const { rows } = run.recorder;
  const flags = flagsText(rows.flagsOf(row));
  return flags === '-' ? String(rows.codeOf(row)) : `${rows.codeOf(row)} ${flags}`;
}
