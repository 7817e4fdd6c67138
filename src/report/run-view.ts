/**
 * One run as the page and the HTML report show it. Everything drawn comes from these arrays, so that
 * numbers in different places always add up. Plain data and typed arrays: it crosses from the worker
 * as a transferable, and goes into a report as JSON.
 *
 * Series have one value per bucket: bucket i covers [i, i + 1) × `bucketNs`. Rates and shares are the
 * page's to compute; counts are exact.
 */
export interface RunView {
  readonly title: string;
  readonly seed: number;
  readonly istioVersion: string;
  /** '' while the run goes on. */
  readonly digest: string;
  readonly durationNs: number;
  readonly warmupNs: number;
  /** How far time has come; `durationNs` (or later, while draining) when finished. */
  readonly frontNs: number;
  readonly isOver: boolean;
  readonly bucketNs: number;
  readonly bucketCount: number;
  readonly nodes: readonly ViewNode[];
  readonly edges: readonly ViewEdge[];
  readonly flows: readonly ViewFlow[];
  readonly latencies: readonly ViewLatency[];
  readonly gauges: readonly ViewGauge[];
  readonly ejections: readonly ViewEjection[];
  readonly steps: readonly ViewStep[];
  readonly pushes: readonly ViewPush[];
  readonly weights: readonly ViewWeights[];
  readonly requests: readonly ViewRequest[];
  readonly expectations: readonly ViewExpectation[];
  readonly causes: readonly ViewCause[];
  /** Rules that no request met; none while the run goes on. */
  readonly unexercised: readonly ViewRule[];
  readonly notes: readonly string[];
}

export type ViewNodeKind = 'gateway' | 'workload' | 'service' | 'external' | 'unknown';

/** Nodes are told apart by `id`, which is stable from run to run. */
export interface ViewNode {
  readonly id: string;
  readonly kind: ViewNodeKind;
  readonly name: string;
  readonly namespace: string;
  /** '' if the workload has no version label. */
  readonly version: string;
  /** The app whose box it stands in; '' for none. */
  readonly app: string;
  readonly pods: readonly ViewPod[];
  readonly hasSidecar: boolean;
  /** Clients of the scenario that send from here, or through here. */
  readonly clients: readonly string[];
  readonly badges: readonly ViewBadge[];
}

export interface ViewPod {
  readonly name: string;
  readonly ip: string;
}

export interface ViewBadge {
  readonly kind: 'circuit-breaker' | 'virtual-service' | 'missing-sidecar' | 'gateway';
  /** `DestinationRule catalog`, and what it does. */
  readonly says: string;
  readonly at: ViewPlace | undefined;
}

/** Calls of a workload to a service, and who answered; `flows` refer to it by index. */
export interface ViewEdge {
  readonly from: string;
  /** Id of the service; '' if routing found none. */
  readonly service: string;
  /** Id of the workload that answered, or that the cluster stands for; '' if neither is known. */
  readonly to: string;
  readonly protocol: 'http' | 'grpc' | 'tcp';
  readonly isMirror: boolean;
  readonly isMutualTls: boolean;
}

/** Requests of one kind, bucket by bucket, by the time at which they were meant to be sent. */
export interface ViewFlow {
  /** A client's name for what its requests ended in; '' for an edge. */
  readonly client: string;
  /** Index of the edge; −1 where there is none. */
  readonly edge: number;
  readonly subset: string;
  readonly cluster: string;
  readonly version: string;
  readonly route: string;
  readonly code: number;
  /** As logged, `-` for none. */
  readonly flags: string;
  readonly attempts: number;
  readonly counts: Float64Array;
}

/** Bins of a latency heatmap: so many per power of ten, from `HEAT_LEAST_MS` on. */
export const HEAT_PER_DECADE = 8;
export const HEAT_LEAST_MS = 0.1;
export const HEAT_BINS = 6 * HEAT_PER_DECADE;

/** Percentiles in milliseconds, bucket by bucket; NaN where nothing ended. */
export interface ViewLatency {
  /** A client, what a workload sends to a service, or what a workload answers. */
  readonly kind: 'client' | 'edge' | 'workload';
  /** The client's name, or the id of the node that sends or answers. */
  readonly of: string;
  /** Of an edge: the service. */
  readonly service: string;
  readonly p50: Float64Array;
  readonly p90: Float64Array;
  readonly p99: Float64Array;
  /** Over the whole run. */
  readonly whole: { readonly p50: number; readonly p90: number; readonly p99: number };
  /** Of a client: how many requests took how long, `HEAT_BINS` numbers per bucket. */
  readonly heat?: Float64Array;
}

/** Mean over each bucket of what a proxy holds towards a cluster, or a pod's queue. */
export interface ViewGauge {
  /** `serving`: what a pod works on, its queue aside. */
  readonly kind: 'inflight' | 'pending' | 'connections' | 'queue' | 'serving';
  /** Proxy and cluster, or '' and '' for a pod's queue. */
  readonly proxy: string;
  readonly cluster: string;
  readonly pod: string;
  /** The configured limit; undefined if there is none. */
  readonly limit: number | undefined;
  readonly mean: Float64Array;
  readonly max: Float64Array;
}

export interface ViewEjection {
  readonly host: string;
  readonly pod: string;
  readonly cluster: string;
  /** The proxy that ejected it: each proxy has its own view. */
  readonly proxy: string;
  readonly detector: string;
  readonly fromNs: number;
  /** undefined = still out. */
  readonly toNs: number | undefined;
}

/** A step of the timeline. */
export interface ViewStep {
  readonly atNs: number;
  readonly label: string;
  readonly at: ViewPlace | undefined;
}

/** The moment a proxy took over a changed configuration. */
export interface ViewPush {
  readonly atNs: number;
  readonly proxy: string;
}

/** The weights of one route from a moment on: what the split should be, and where it is written. */
export interface ViewWeights {
  readonly fromNs: number;
  /** The VirtualService, `namespace/name`. */
  readonly virtualService: string;
  /** Index of the http route. */
  readonly route: number;
  /** Host as written, of the first destination. */
  readonly host: string;
  readonly parts: readonly ViewWeight[];
}

export interface ViewWeight {
  /** Subset, else host. */
  readonly name: string;
  readonly host: string;
  readonly subset: string;
  readonly weight: number;
  readonly at: ViewPlace;
}

/** One request worth looking at. */
export interface ViewRequest {
  readonly client: string;
  readonly number: number;
  readonly intendedNs: number;
  readonly endNs: number;
  readonly route: string;
  readonly cluster: string;
  readonly host: string;
  readonly pod: string;
  readonly version: string;
  readonly code: number;
  readonly flags: string;
  readonly attempts: number;
}

/** A piece of a request's waterfall; those of a request are sorted by their start. */
export interface ViewSpan {
  readonly kind: string;
  /** The client, proxy or pod, or the address that a message went to. */
  readonly at: string;
  /** Index of the piece around it; −1 for the client's own. */
  readonly parent: number;
  readonly startNs: number;
  readonly endNs: number;
  /** Outcome or decision, in words. */
  readonly detail: string;
  /** Of a proxy's stream or attempt: `inbound` or `outbound`, else ''. */
  readonly side: string;
  readonly cluster: string;
  /** `ip:port`; '' if none was reached. */
  readonly host: string;
  readonly code: number;
  readonly flags: string;
  /** Which attempt of its stream, from 1; 0 = no attempt. */
  readonly number: number;
  readonly reasons: readonly ViewReason[];
}

/** A decision in words, and who wrote down that it be so. */
export interface ViewReason {
  readonly text: string;
  /** `VirtualService catalog`; '' where nobody wrote anything. */
  readonly object: string;
  readonly at: ViewPlace | undefined;
}

export interface ViewExpectation {
  readonly name: string;
  readonly wanted: string;
  readonly seen: string;
  /** In words: `8.4..12.6%`; '' if there is none. */
  readonly interval: string;
  /** For drawing; all in the same unit. */
  readonly value: number | undefined;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly bounds: readonly number[];
  readonly count: number | undefined;
  readonly remark: string;
  /** `close`: held, but the interval crosses the bound. */
  readonly status: 'held' | 'failed' | 'close' | 'unknown';
  readonly at: ViewPlace | undefined;
}

export interface ViewPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A route, match, subset or policy as it was written. */
export interface ViewRule {
  readonly kind: string;
  readonly name: string;
  readonly at: ViewPlace | undefined;
}

/** Why requests failed, worst first. */
export interface ViewCause {
  readonly count: number;
  readonly code: number;
  readonly flags: string;
  /** `503 UO`. */
  readonly outcome: string;
  /** In words: `the connection pool of catalog|v2 was full`. */
  readonly reason: string;
  /** Id of the node that gave up. */
  readonly from: string;
  /** `catalog|v2`. */
  readonly destination: string;
  readonly at: ViewPlace | undefined;
  /** The setting as written: `http1MaxPendingRequests: 1`. */
  readonly setting: string;
  /** What the scenario did to bring it about, nearest first. */
  readonly behind: readonly ViewLink[];
}

/** A step of the timeline, or a behaviour, behind failures. */
export interface ViewLink {
  readonly text: string;
  readonly at: ViewPlace | undefined;
  /** Of a step: when. */
  readonly sinceNs: number | undefined;
}
