import { type FlagSequence, type ResponseFlag, withFlag } from '#telemetry/response-flags.ts';
import type { StreamResetReason } from './retry-decision.ts';

/**
 * How a request ends that the proxy answers itself, or whose answer breaks off: what the client gets
 * and what the access log says.
 */
export interface Outcome {
  readonly status: number;
  readonly flag: ResponseFlag | undefined;
  readonly details: string;
  readonly body: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The flag is set when the reply has its headers: they can not tell it. */
  readonly isFlaggedLate?: boolean;
}

/** @source envoy: source/common/stream_info/utility.h, ResponseCodeDetails; source/common/router/router.cc */
export const VIA_UPSTREAM = 'via_upstream';
/** Of an answer that nobody downstream hears of. */
export const INTERNAL_REDIRECT = 'internal_redirect';

const OVERLOADED = [['x-envoy-overloaded', 'true']] as const;

export const ROUTE_NOT_FOUND = outcome(404, 'NR', 'route_not_found', '');
export const NO_HEALTHY_UPSTREAM = outcome(503, 'UH', 'no_healthy_upstream', 'no healthy upstream');
/**
 * What a dynamic forward proxy answers for a name that nobody knows: `DF` is its HTTP filter's.
 *
 * @source envoy: source/extensions/clusters/dynamic_forward_proxy/cluster.cc, LoadBalancer::chooseHost
 */
export const NAME_NOT_FOUND: Outcome = {
  ...NO_HEALTHY_UPSTREAM,
  details: 'dns_resolution_failure{cares_norecords:Domain_name_not_found}',
};
export const DIRECT_RESPONSE_DETAILS = 'direct_response';
/** @source envoy: source/extensions/filters/http/local_ratelimit/local_ratelimit.cc, decodeHeaders */
export const LOCAL_RATE_LIMITED: Outcome = {
  ...outcome(429, 'RL', 'local_rate_limited', 'local_rate_limited'),
  isFlaggedLate: true,
};
export const DOWNSTREAM_DISCONNECT = outcome(0, 'DC', 'downstream_remote_disconnect', '');

/** `status`: the route's `cluster_not_found_response_code`. */
export function clusterNotFound(status: number): Outcome {
  return outcome(status, 'NC', 'cluster_not_found', '');
}

export function faultAborted(status: number): Outcome {
  return outcome(status, 'FI', 'fault_filter_abort', 'fault filter abort');
}

/** A direct response or redirect. */
export function directResponse(status: number, body: string): Outcome {
  return outcome(status, undefined, DIRECT_RESPONSE_DETAILS, body);
}

export type TimeoutKind = 'route' | 'per-try' | 'per-try-idle' | 'max-duration' | 'stream-idle';

/**
 * A timeout before the response started. `isRequestComplete`: the whole request was received; otherwise
 * the client is to blame and gets 408.
 *
 * @source envoy: source/common/router/router.cc, onResponseTimeout, onPerTryTimeout, onPerTryIdleTimeout,
 *   onStreamMaxDurationReached; source/common/http/conn_manager_impl.cc, onIdleTimeout
 */
export function timedOut(kind: TimeoutKind, isRequestComplete = true): Outcome {
  const [flag, details, body] = TIMEOUT_TEXTS[kind];
  // The router's own timers run only once the request is complete.
  const blamesClient = kind === 'max-duration' || kind === 'stream-idle';
  return outcome(blamesClient && !isRequestComplete ? 408 : 504, flag, details, body);
}

/**
 * What an internal client gets for a timeout that asked for `x-envoy-upstream-rq-timeout-alt-response`.
 * Only the router's own timeouts have it.
 */
export function alternative(outcome: Outcome): Outcome {
  return outcome.flag === 'UT' ? { ...outcome, status: 204, body: '' } : outcome;
}

const TIMEOUT_TEXTS: {
  readonly [kind in TimeoutKind]: readonly [ResponseFlag, details: string, body: string];
} = {
  route: ['UT', 'response_timeout', 'upstream request timeout'],
  'per-try': ['UT', 'upstream_per_try_timeout', 'upstream request timeout'],
  'per-try-idle': ['UT', 'upstream_per_try_idle_timeout', 'upstream request timeout'],
  'max-duration': [
    'UMSDR',
    'upstream_max_stream_duration_reached',
    'upstream max stream duration reached',
  ],
  'stream-idle': ['SI', 'stream_idle_timeout', 'stream timeout'],
};

/** The reason as Envoy writes it, and the flag that stands for it. */
const RESETS: {
  readonly [reason in StreamResetReason]: readonly [text: string, flag: ResponseFlag];
} = {
  'local-connection-failure': ['local connection failure', 'UF'],
  'remote-connection-failure': ['remote connection failure', 'UF'],
  'connection-timeout': ['connection timeout', 'UF'],
  'connection-termination': ['connection termination', 'UC'],
  'local-reset': ['local reset', 'LR'],
  'local-refused-stream': ['local refused stream reset', 'LR'],
  overflow: ['overflow', 'UO'],
  'remote-reset': ['remote reset', 'UR'],
  'remote-refused-stream': ['remote refused stream reset', 'UR'],
  'connect-error': ['remote error with CONNECT request', 'UR'],
  'protocol-error': ['protocol error', 'UPE'],
  'overload-manager': ['overload manager reset', 'OM'],
  'http1-premature-upstream-half-close': ['HTTP/1 premature upstream half close', 'UPE'],
};

/** The flag of an attempt that ended so, as a sequence of one. */
export function resetFlag(reason: StreamResetReason): FlagSequence {
  return withFlag(0, RESETS[reason][1]);
}

/**
 * A reset before any response headers. `transportFailure`: the socket's own words, or ''.
 *
 * @source envoy: source/common/router/router.cc, Filter::onUpstreamReset, streamResetReasonToResponseFlag;
 *   source/common/http/utility.cc, resetReasonToString
 */
export function resetBeforeResponse(
  reason: StreamResetReason,
  transportFailure: string,
  wasRetried: boolean,
): Outcome {
  const [text, flag] = RESETS[reason];
  const latest = wasRetried ? 'retried and the latest ' : '';
  return {
    status: flag === 'UPE' ? 502 : 503,
    flag,
    details: withoutSpaces(
      `upstream_reset_before_response_started{${reasonText(text, transportFailure)}}`,
    ),
    body: `upstream connect error or disconnect/reset before headers. ${latest}reset reason: ${text}`,
    headers: reason === 'overflow' ? OVERLOADED : [],
  };
}

/** A reset after response headers went out: the logged code stays what the upstream sent. */
export function resetAfterResponse(
  reason: StreamResetReason,
  transportFailure: string,
): { readonly flag: ResponseFlag; readonly details: string } {
  const [text, flag] = RESETS[reason];
  const details = `upstream_reset_after_response_started{${reasonText(text, transportFailure)}}`;
  return { flag, details: withoutSpaces(details) };
}

function reasonText(text: string, transportFailure: string): string {
  return transportFailure === '' ? text : `${text}|${transportFailure}`;
}

/** Details are one word in a log line. */
function withoutSpaces(details: string): string {
  return details.replaceAll(' ', '_');
}

function outcome(
  status: number,
  flag: ResponseFlag | undefined,
  details: string,
  body: string,
): Outcome {
  return { status, flag, details, body, headers: [] };
}
