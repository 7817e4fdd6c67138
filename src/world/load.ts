import type { RequestTarget } from './behaviour.ts';

/** What a client sends, and when. */
export interface ClientPlan {
  readonly requests: readonly RequestChoice[];
  readonly load: Load;
  /** The client's own timeout; undefined = it waits. */
  readonly timeoutNs: number | undefined;
}

/** One of the requests that a client draws from. */
export interface RequestChoice {
  readonly weight: number;
  readonly target: RequestTarget;
  readonly headers: readonly HeaderChoice[];
  /** Values for the `{name}`s of the path, drawn evenly. */
  readonly values: readonly PathValues[];
  readonly bodyBytes: number;
  /** How long a TCP session lasts; 0 for HTTP. */
  readonly sessionNs: number;
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

export type Load =
  | {
      /** Open loop: requests start when they start, however slow the answers are. */
      readonly kind: 'open';
      readonly stages: readonly Stage[];
      readonly arrivals: Arrivals;
      /** Stops after this many; `Infinity` = never. */
      readonly requestCount: number;
    }
  | {
      /** Closed loop: each user sends, waits for the answer, thinks, and sends again. */
      readonly kind: 'closed';
      readonly userCount: number;
      readonly thinkNs: number;
      /** Of all users together; `Infinity` = no limit. */
      readonly requestCount: number;
    }
  | {
      /** Requests at given moments. */
      readonly kind: 'replay';
      readonly atNs: readonly number[];
    };

/**
 * How far apart arrivals are: `poisson` = memoryless; `constant` = evenly; `bursty` = hyperexponential
 * with a squared coefficient of variation of 4 and balanced means.
 */
export type Arrivals = 'poisson' | 'constant' | 'bursty';

/** The rate goes in a straight line from `fromPerSecond` to `toPerSecond` during the stage. */
export interface Stage {
  readonly fromPerSecond: number;
  readonly toPerSecond: number;
  /** `Infinity` for a load without stages. */
  readonly durationNs: number;
}

export type OpenLoad = Extract<Load, { readonly kind: 'open' }>;
