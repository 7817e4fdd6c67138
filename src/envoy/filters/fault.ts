import type { Random } from '#kernel/random.ts';
import { durationMs } from '#xds/duration.ts';
import type { HttpFault } from '#xds/route.ts';
import { compileFraction, type Fraction } from '../fractional-percent.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { HttpRequest } from '../network.ts';
import { compileHeaderConditions, type HeaderCondition } from '../router/header-condition.ts';
import type { ReportProblem } from '../string-matcher.ts';

/** The configuration of a fault filter, compiled. */
export interface Fault {
  readonly xds: HttpFault;
  readonly delay: FaultDelay | undefined;
  readonly abort: FaultAbort | undefined;
  readonly responseLimit: FaultResponseLimit | undefined;
  readonly maxActiveFaults: number;
  readonly upstreamCluster: string;
  readonly headers: readonly HeaderCondition[];
  /** Empty = any. */
  readonly downstreamNodes: ReadonlySet<string>;
}

interface FaultDelay {
  readonly fraction: Fraction;
  /** Whole milliseconds; undefined = the request's header says. */
  readonly fixedMs: number | undefined;
}

interface FaultAbort {
  readonly fraction: Fraction;
  /** 0 = not set. */
  readonly httpStatus: number;
  readonly grpcStatus: number | undefined;
  readonly isByHeader: boolean;
}

interface FaultResponseLimit {
  readonly fraction: Fraction;
  /** Undefined = the request's header says. */
  readonly fixedKbps: number | undefined;
}

export function compileFault(xds: HttpFault, report: ReportProblem): Fault {
  const { delay, abort } = xds;
  return {
    xds,
    delay: delay && {
      fraction: compileFraction(delay.percentage ?? {}),
      fixedMs: delay.headerDelay === undefined ? (durationMs(delay.fixedDelay) ?? 0) : undefined,
    },
    abort: abort && {
      fraction: compileFraction(abort.percentage ?? {}),
      httpStatus: abort.httpStatus ?? 0,
      grpcStatus: abort.grpcStatus,
      isByHeader: abort.headerAbort !== undefined,
    },
    responseLimit: compileResponseLimit(xds),
    maxActiveFaults: xds.maxActiveFaults ?? Number.POSITIVE_INFINITY,
    upstreamCluster: xds.upstreamCluster ?? '',
    headers: compileHeaderConditions(xds.headers, report),
    downstreamNodes: new Set(xds.downstreamNodes ?? []),
  };
}

/**
 * Whether a fault is meant for this request.
 *
 * @source envoy: source/extensions/filters/http/fault/fault_filter.cc, matchesTargetUpstreamCluster,
 *   matchesDownstreamNodes
 */
export function faultApplies(fault: Fault, request: HttpRequest, clusterName: string): boolean {
  if (fault.upstreamCluster !== '' && fault.upstreamCluster !== clusterName) return false;
  if (fault.downstreamNodes.size > 0) {
    const node = request.headers.get('x-envoy-downstream-service-node');
    if (node === undefined || !fault.downstreamNodes.has(node)) return false;
  }
  return fault.headers.every((condition) => condition.matches(request));
}

/** What one fault filter in one proxy counts. */
export class FaultStats {
  activeFaults = 0;
  delaysInjected = 0;
  abortsInjected = 0;
  responseRlInjected = 0;
  faultsOverflow = 0;
}

/** The reply of an injected abort. */
export interface FaultReply {
  readonly status: number;
  readonly grpcStatus: number | undefined;
}

/**
 * The faults of one request. `onRequest` decides; after a delay of `delayMs`, `onDelayOver` does. Each
 * answers what comes next: `delay` (wait), `abort` (send `reply`; flag FI), `continue`. A delay sets
 * flag DI at once. At the end of the stream comes `end`. Pooled: `onRequest` starts anew.
 *
 * @source envoy: source/extensions/filters/http/fault/fault_filter.cc, decodeHeaders, maybeSetupDelay,
 *   maybeDoAbort, tryIncActiveFaults, postDelayInjection
 */
export class FaultStream {
  delayMs = 0;
  reply: FaultReply | undefined;
  /** KiB/s that the response is held to; 0 = no limit. */
  responseLimitKbps = 0;
  #isActive = false;

  onRequest(fault: Fault, headers: HeaderMap, stats: FaultStats, random: Random): FaultStep {
    this.delayMs = 0;
    this.reply = undefined;
    this.responseLimitKbps = 0;
    this.#isActive = false;
    this.#limitResponse(fault, headers, stats, random);
    const delayMs = drawDelayMs(fault, headers, random);
    if (delayMs > 0 && this.#start(fault, stats)) {
      this.delayMs = delayMs;
      stats.delaysInjected++;
      return 'delay';
    }
    return this.#maybeAbort(fault, headers, stats, random);
  }

  onDelayOver(fault: Fault, headers: HeaderMap, stats: FaultStats, random: Random): FaultStep {
    const step = this.#maybeAbort(fault, headers, stats, random);
    // A delay that is over counts no more, unless the response is still to be limited.
    if (step === 'continue' && this.responseLimitKbps === 0) this.end(stats);
    return step;
  }

  end(stats: FaultStats): void {
    if (this.#isActive) stats.activeFaults--;
    this.#isActive = false;
  }

  #maybeAbort(fault: Fault, headers: HeaderMap, stats: FaultStats, random: Random): FaultStep {
    const reply = drawAbort(fault, headers, random);
    if (reply === undefined || !this.#start(fault, stats)) return 'continue';
    this.reply = reply;
    stats.abortsInjected++;
    return 'abort';
  }

  #limitResponse(fault: Fault, headers: HeaderMap, stats: FaultStats, random: Random): void {
    const limit = fault.responseLimit;
    if (limit === undefined) return;
    const isByHeader = limit.fixedKbps === undefined;
    if (!rolls(limit.fraction, isByHeader, headers, LIMIT_SHARE, random)) return;
    const kbps = limit.fixedKbps ?? integer(headers.get('x-envoy-fault-throughput-response')) ?? 0;
    if (kbps <= 0 || !this.#start(fault, stats)) return;
    this.responseLimitKbps = kbps;
    stats.responseRlInjected++;
  }

  /** A request counts once, however many faults it gets. */
  #start(fault: Fault, stats: FaultStats): boolean {
    if (this.#isActive) return true;
    if (stats.activeFaults >= fault.maxActiveFaults) {
      stats.faultsOverflow++;
      return false;
    }
    stats.activeFaults++;
    this.#isActive = true;
    return true;
  }
}

const BYTES_PER_KIB = 1024;
const SLICES_PER_SECOND = 16;
/** A sixteenth of a second in whole milliseconds. */
const SLICE_NS = 63e6;

/**
 * How long a body takes that is held to `kbps` KiB a second: it goes out in slices, the first at once.
 *
 * @source envoy: source/extensions/filters/http/common/stream_rate_limiter.cc, StreamRateLimiter
 */
export function limitedBodyNs(bytes: number, kbps: number): number {
  const sliceBytes = Math.floor((kbps * BYTES_PER_KIB) / SLICES_PER_SECOND);
  return Math.max(0, Math.ceil(bytes / sliceBytes) - 1) * SLICE_NS;
}

export type FaultStep = 'delay' | 'abort' | 'continue';

/** Request headers that lower the share of a fault controlled by headers. */
const DELAY_SHARE = 'x-envoy-fault-delay-request-percentage';
const ABORT_SHARE = 'x-envoy-fault-abort-request-percentage';
const GRPC_ABORT_SHARE = 'x-envoy-fault-abort-grpc-request-percentage';
const LIMIT_SHARE = 'x-envoy-fault-throughput-response-percentage';

function drawDelayMs({ delay }: Fault, headers: HeaderMap, random: Random): number {
  if (delay === undefined) return 0;
  if (!rolls(delay.fraction, delay.fixedMs === undefined, headers, DELAY_SHARE, random)) return 0;
  return delay.fixedMs ?? integer(headers.get('x-envoy-fault-delay-request')) ?? 0;
}

function drawAbort({ abort }: Fault, headers: HeaderMap, random: Random): FaultReply | undefined {
  if (abort === undefined) return undefined;
  const byGrpcHeader = abort.isByHeader && headers.has('x-envoy-fault-abort-grpc-request');
  const share = byGrpcHeader ? GRPC_ABORT_SHARE : ABORT_SHARE;
  if (!rolls(abort.fraction, abort.isByHeader, headers, share, random)) return undefined;
  const status = abort.isByHeader
    ? statusOf(headers.get('x-envoy-fault-abort-request'))
    : abort.httpStatus;
  if (status !== 0) return { status, grpcStatus: undefined };
  const grpcStatus = abort.isByHeader
    ? integer(headers.get('x-envoy-fault-abort-grpc-request'))
    : abort.grpcStatus;
  return grpcStatus === undefined ? undefined : { status: 200, grpcStatus };
}

/** Draws in any case; a header may lower the configured share, over its denominator. */
function rolls(
  fraction: Fraction,
  isByHeader: boolean,
  headers: HeaderMap,
  shareHeader: string,
  random: Random,
): boolean {
  const asked = isByHeader ? integer(headers.get(shareHeader)) : undefined;
  const numerator = asked === undefined ? fraction.numerator : Math.min(asked, fraction.numerator);
  return random.below(fraction.denominator) < numerator;
}

/** A status from 200 to 599, else 0. */
function statusOf(value: string | undefined): number {
  const status = integer(value) ?? 0;
  return status >= 200 && status < 600 ? status : 0;
}

function integer(value: string | undefined): number | undefined {
  return value !== undefined && /^[0-9]{1,15}$/.test(value) ? Number(value) : undefined;
}

function compileResponseLimit(xds: HttpFault): FaultResponseLimit | undefined {
  const limit = xds.responseRateLimit as
    | {
        readonly fixedLimit?: { readonly limitKbps?: string | number };
        readonly headerLimit?: object;
        readonly percentage?: NonNullable<HttpFault['delay']>['percentage'];
      }
    | undefined;
  if (limit === undefined) return undefined;
  const fixed = limit.fixedLimit?.limitKbps;
  return {
    fraction: compileFraction(limit.percentage ?? {}),
    fixedKbps: fixed === undefined ? undefined : Number(fixed),
  };
}
