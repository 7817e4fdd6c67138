import type { Latency } from './latency.ts';
import type { Pauses, Warmup } from './work-stretch.ts';

/** How the instances of a workload, or a host outside the mesh, behave: what the scenario says of them. */
export interface Behaviour {
  readonly latency: Latency;
  /** Latencies for parts of the traffic; the first that matches wins over `latency`. */
  readonly latencyBy: readonly LatencyRule[];
  /** Requests one instance serves at once; `Infinity` = unlimited. */
  readonly concurrency: number;
  /** Requests that may wait in one instance; `Infinity` = unlimited, 0 = no waiting room. */
  readonly queue: number;
  /** Who waits longest is served first, or last: then it is also who has to go when the room is full. */
  readonly queueOrder: 'fifo' | 'lifo';
  /** Who has waited longer is turned away instead of served; `Infinity` = nobody. */
  readonly maxWaitNs: number;
  /** Work ends when the caller gives up. */
  readonly stopsForCaller: boolean;
  /** What every further request under way adds, as a share of the latency. */
  readonly slowdownShare: number;
  /** Cores that all requests share; `Infinity` = each has one of its own. */
  readonly cpuCores: number;
  readonly warmup: Warmup | undefined;
  readonly pauses: Pauses | undefined;
  /** It hears what comes by the loopback interface of its pod, and nothing else. */
  readonly listensLocally: boolean;
  /** Idle connections are closed after this time; 0 = never. */
  readonly keepAliveNs: number;
  /** The status answered at once when the waiting room is full. */
  readonly overloadStatus: number;
  readonly errors: Errors;
  /** Calls to other services made while serving, in order. */
  readonly calls: readonly CallStep[];
  /** Names of request headers (lower case) handed on to calls, beside those of tracing; `none`: not even those. */
  readonly forward: readonly string[] | 'none';
}

/** A part of the traffic. */
export interface RequestPart {
  /** A path, `*` at its end matches any rest. */
  readonly path: string | undefined;
  readonly method: string | undefined;
  /** Lower-case names; the value `*` means that the header is there. */
  readonly headers: readonly HeaderLine[];
}

export interface LatencyRule extends RequestPart {
  readonly latency: Latency;
}

/** Shares are in [0, 1]; what is left of the sum is a 200. */
export interface Errors {
  readonly statuses: readonly { readonly status: number; readonly share: number }[];
  /** After the normal latency the connection is reset instead of answered. */
  readonly resetShare: number;
  /** Never answers. */
  readonly hangShare: number;
  /** Connections refused. */
  readonly refuseShare: number;
}

export interface CallStep {
  /** Made together; the step is done when all are. One call alone is a list of one. */
  readonly calls: readonly Call[];
}

export interface Call {
  readonly target: RequestTarget;
  readonly headers: readonly HeaderLine[];
  /** The application's own timeout; undefined = it waits. */
  readonly timeoutNs: number | undefined;
  /** Attempts the application itself adds after a failed one. */
  readonly retries: number;
  /** Only while such a request is served; undefined = any. */
  readonly when: RequestPart | undefined;
  /** In [0, 1]. */
  readonly chance: number;
  /** How often in a row. */
  readonly times: number;
  /** What a failed call does to the request being served. */
  readonly onError: 'fail' | 'ignore' | number;
}

export interface HeaderLine {
  readonly name: string;
  readonly value: string;
}

/** A request as an application writes it: `METHOD URL`, taken apart. */
export interface RequestTarget {
  readonly method: string;
  readonly scheme: RequestScheme;
  /** As written, lower-cased, without the port. */
  readonly host: string;
  readonly port: number;
  /** The `Host` header: the port stays only if it is not the scheme's own. */
  readonly authority: string;
  /** With the query; starts with `/`. */
  readonly path: string;
}

export type RequestScheme = 'http' | 'https' | 'h2c' | 'grpc' | 'tcp';

export const NO_ERRORS: Errors = { statuses: [], resetShare: 0, hangShare: 0, refuseShare: 0 };

/** A workload of which the scenario says nothing: 10 ms, no errors, unlimited. */
export const DEFAULT_BEHAVIOUR: Behaviour = {
  latency: { kind: 'constant', ns: 10_000_000 },
  latencyBy: [],
  concurrency: Number.POSITIVE_INFINITY,
  queue: Number.POSITIVE_INFINITY,
  overloadStatus: 503,
  queueOrder: 'fifo',
  maxWaitNs: Number.POSITIVE_INFINITY,
  stopsForCaller: false,
  slowdownShare: 0,
  cpuCores: Number.POSITIVE_INFINITY,
  warmup: undefined,
  pauses: undefined,
  listensLocally: false,
  keepAliveNs: 0,
  errors: NO_ERRORS,
  calls: [],
  forward: [],
};
