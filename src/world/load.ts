import type { HeaderLine, RequestTarget } from './behaviour.ts';
import type { Latency } from './latency.ts';

/** What a client sends, and when. */
export interface ClientPlan {
  readonly requests: readonly RequestChoice[];
  readonly load: Load;
  /** The client's own timeout of each try; undefined = it waits. */
  readonly timeoutNs: number | undefined;
  readonly retries: ClientRetries;
  /** Undefined = nobody in particular; of an open loop or a replay. */
  readonly users: UserPlan | undefined;
  /** What `set-cookie` brings is sent with the user's next requests. */
  readonly keepsCookies: boolean;
  /** How long after the end of the load requests may go on; then they are given up. */
  readonly gracefulStopNs: number;
}

/** What a client does when a try got no answer, or one with a 5xx. */
export interface ClientRetries {
  /** Tries after the first. */
  readonly count: number;
  /** The pause before each. */
  readonly backoff: Latency;
}

export const NO_RETRIES: ClientRetries = { count: 0, backoff: { kind: 'constant', ns: 0 } };

/** A population whose members send, each with connections and cookies of their own. */
export interface UserPlan {
  readonly count: number;
  /** The k-th user sends in proportion to k^−exponent; 0 = all alike. */
  readonly zipfExponent: number;
}

/** One of the requests that a client draws from. */
export interface RequestChoice {
  readonly weight: number;
  readonly target: RequestTarget;
  readonly headers: readonly HeaderChoice[];
  /** Values for the `{name}`s of the path, drawn evenly. */
  readonly values: readonly PathValues[];
  readonly bodyBytes: number;
  /** How long a TCP session lasts; undefined = until the server has answered. */
  readonly session: Latency | undefined;
}

/** One header, drawn once per request; an empty value is not sent. */
export interface HeaderChoice {
  readonly name: string;
  readonly values: readonly { readonly value: string; readonly share: number }[];
}

export interface PathValues {
  readonly name: string;
  readonly values: readonly string[];
}

export type Load = OpenLoad | ClosedLoad | ReplayLoad;

/** Open loop: requests start when they start, however slow the answers are. */
export interface OpenLoad {
  readonly kind: 'open';
  readonly stages: readonly Stage[];
  readonly arrivals: Arrivals;
  /** Arrivals come in these parts of the time alone, at a rate that keeps the mean; undefined = always. */
  readonly burst: Burst | undefined;
  /** Stops after this many; `Infinity` = never. */
  readonly requestCount: number;
  /** An arrival that finds so many requests open is dropped; `Infinity` = none is. */
  readonly maxOpen: number;
}

/** Closed loop: each user sends, waits for the answer, thinks, and sends again. */
export interface ClosedLoad {
  readonly kind: 'closed';
  readonly stages: readonly UserStage[];
  readonly think: Latency;
  /** Of all users together; `Infinity` = no limit. */
  readonly requestCount: number;
}

/** Requests at given moments. */
export interface ReplayLoad {
  readonly kind: 'replay';
  /** In order of time. */
  readonly entries: readonly ReplayEntry[];
}

export interface ReplayEntry {
  readonly atNs: number;
  /** Undefined = what the client would send. Equal ones are one object. */
  readonly request: RecordedRequest | undefined;
}

/** What a log says of a request; the rest is as the client would send it. */
export interface RecordedRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authority: string | undefined;
  readonly headers: readonly HeaderLine[];
}

/**
 * How far apart arrivals are: `poisson` = memoryless; `constant` = evenly; `bursty` = hyperexponential
 * with a squared coefficient of variation of 4 and balanced means.
 */
export type Arrivals = 'poisson' | 'constant' | 'bursty';

/** On for a while, off for a while, from the start of the load on. */
export interface Burst {
  readonly onNs: number;
  readonly offNs: number;
}

/** The rate goes in a straight line from `fromPerSecond` to `toPerSecond` during the stage. */
export interface Stage {
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  /** `Infinity` for a load without stages. */
  readonly durationNs: number;
}

/** The number of users goes in a straight line from `from` to `to` during the stage. */
export interface UserStage {
  readonly from: number;
  readonly to: number;
  /** `Infinity` for a load without stages. */
  readonly durationNs: number;
}
