import type { Place } from '#source/diagnostic.ts';
import type { Histogram } from '#telemetry/histogram.ts';
import type { ExpectationResult } from '#telemetry/query/expectation.ts';
import type { GaugeKind } from '#telemetry/recorder.ts';
import type { RunSeries } from '#telemetry/run-series.ts';

/**
 * What a run came to: everything that summaries, exports and pages show. Plain values; lists are in
 * the order in which they are shown, times in ns of the run.
 */
export interface RunResult {
  /** The scenario's file, as given. */
  readonly scenario: string;
  /** Its title, else the name of its folder. */
  readonly title: string;
  readonly seed: number;
  readonly istioVersion: string;
  /** 16 hexadecimal digits. */
  readonly digest: string;
  /** How long load was offered; the warm-up included, the draining not. */
  readonly durationNs: number;
  readonly warmupNs: number;
  /** When the run was stopped before its end; undefined if it was not. */
  readonly stoppedAtNs: number | undefined;
  readonly expectations: readonly ExpectationOutcome[];
  readonly clients: readonly TrafficResult[];
  readonly edges: readonly EdgeResult[];
  readonly workloads: readonly WorkloadResult[];
  readonly splits: readonly SplitResult[];
  /** As the clients saw them. */
  readonly responses: readonly ResponseResult[];
  readonly ejections: readonly EjectionResult[];
  readonly gauges: readonly GaugeResult[];
  /** Steps of the timeline and pushes, by time. */
  readonly events: readonly EventResult[];
  /** Why requests failed, worst first. */
  readonly blame: readonly BlameResult[];
  readonly coverage: readonly CoverageItem[];
  readonly notModelled: readonly NotModelledKind[];
  readonly notes: readonly string[];
  /** Undefined unless asked for. */
  readonly series: RunSeries | undefined;
}

/** An expectation's verdict, and what its requests came to. */
export interface ExpectationOutcome extends ExpectationResult {
  /** Requests in its window that it looks at; undefined if it looks at no requests. */
  readonly requestCount: number | undefined;
  /** Of those, the answers with 5xx, most frequent first. */
  readonly failures: readonly ResponseResult[];
  readonly blame: readonly BlameResult[];
}

/** Requests that belong together: of a client, or on an edge. */
export interface TrafficResult {
  readonly name: string;
  readonly requestCount: number;
  /** Of a client: without an answer at the end. */
  readonly unfinishedCount: number;
  /** Of a client: not sent, because too many of its requests were open. */
  readonly droppedCount: number;
  readonly ratePerSecond: number;
  /** Answers that are no 5xx, as on Istio's dashboards; of a client: that it got. NaN without requests. */
  readonly successShare: number;
  readonly share4xx: number;
  /** NaN without requests. */
  readonly attemptsPerRequest: number;
  /** In ns; of a client from the intended send time. */
  readonly latency: Histogram;
  readonly responses: readonly ResponseResult[];
}

/** What one workload sends to one service, as its proxies report it. */
export interface EdgeResult extends TrafficResult {
  /** `namespace/name`. */
  readonly source: string;
  readonly destination: string;
}

/** What a workload answered, as its own proxies report it. */
export interface WorkloadResult {
  /** `namespace/name`. */
  readonly name: string;
  readonly requestCount: number;
  readonly ratePerSecond: number;
  readonly successShare: number;
  readonly latency: Histogram;
}

/** How requests for one service (or of one route) were spread over clusters. */
export interface SplitResult {
  readonly of: string;
  readonly parts: readonly SplitPart[];
}

export interface SplitPart {
  /** `catalog|v2`: service and subset, or the service alone. */
  readonly name: string;
  readonly cluster: string;
  readonly count: number;
  readonly share: number;
}

export interface ResponseResult {
  readonly code: number;
  /** As logged; `-` for none. */
  readonly flags: string;
  readonly count: number;
  readonly share: number;
}

export interface EjectionResult {
  readonly atNs: number;
  readonly host: string;
  readonly pod: string;
  readonly cluster: string;
  /** The proxy that ejected it: each has its own view. */
  readonly proxy: string;
  readonly detector: string;
  /** What the detector had counted; −1 if it does not count. */
  readonly count: number;
  /** Undefined = still out at the end. */
  readonly backNs: number | undefined;
}

export interface GaugeResult {
  readonly kind: GaugeKind;
  readonly proxy: string;
  readonly cluster: string;
  readonly pod: string;
  readonly mean: number;
  readonly max: number;
}

export interface EventResult {
  readonly atNs: number;
  readonly kind: 'step' | 'push' | 'note';
  /** The proxy of a push; '' otherwise. */
  readonly proxy: string;
  readonly text: string;
}

/** A way in which requests failed, and the object whose rule caused it. */
export interface BlameResult {
  readonly count: number;
  readonly code: number;
  readonly flags: string;
  /** The reporting proxy's workload. */
  readonly source: string;
  /** Service and subset that routing chose; '' if none. */
  readonly destination: string;
  /** The client's name; '' for requests on the way. */
  readonly client: string;
  /** Undefined where no object is to blame. */
  readonly cause: BlameCause | undefined;
  /** What the scenario did to bring it about, nearest first. */
  readonly behind: readonly BlameLink[];
  /** When the first and the last of them had been sent. */
  readonly firstNs: number;
  readonly lastNs: number;
}

/** A step of the timeline, or a behaviour, behind failures. */
export interface BlameLink {
  /** `errors 503: 40%`, `rollout catalog`. */
  readonly text: string;
  readonly at: Place | undefined;
  /** Of a step: when. */
  readonly sinceNs: number | undefined;
}

export interface BlameCause {
  /** `DestinationRule catalog`. */
  readonly object: string;
  readonly at: Place | undefined;
  /** The setting as written: `http1MaxPendingRequests: 1`. */
  readonly setting: string;
}

/** A route or policy, and whether any request met it. */
export interface CoverageItem {
  /** `route`, `subset`, `outlierDetection`, `retries`… */
  readonly kind: string;
  /** The route's name, or what a policy belongs to. */
  readonly name: string;
  readonly at: Place | undefined;
  readonly isExercised: boolean;
}

export interface NotModelledKind {
  readonly kind: string;
  /** `namespace/name`. */
  readonly objects: readonly string[];
}
