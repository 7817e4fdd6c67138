import type { Recorder, Span, SpanReason } from '#telemetry/recorder.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import { attemptKey } from '../attempt-key.ts';
import type { RequestKey } from '../network.ts';
import type { RouteEntry } from '../router/compiled-route.ts';
import type { RouterStream } from '../router/router-stream.ts';
import type { RouterTrace, TracedBackOff } from '../router/router-trace.ts';
import type { UpstreamRequest } from '../router/upstream-request.ts';
import type { Host } from '../upstream/host.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import type { ActiveStreamInfo } from './active-stream-info.ts';
import type { TrafficSide } from './stream-report.ts';
import { attemptReasons, backOffReasons, choiceReasons, routeReasons } from './trace-reasons.ts';

/** Whose attempt it is. */
export interface TracedRequest {
  readonly key: RequestKey;
  /** Undefined where no route matched, and for TCP. */
  readonly entry: RouteEntry | undefined;
}

/** A stream at its end, as a trace sees it. */
export interface TracedStream extends TracedRequest {
  readonly info: ActiveStreamInfo;
}

/**
 * Tells the recorder how the streams of one listener went, piece by piece: the stream itself, its
 * attempts with their waits for a connection, its back-offs, its injected delays. Made only for a run
 * that is traced, so it may allocate.
 */
export class StreamTrace implements RouterTrace {
  readonly #recorder: Recorder;
  readonly #proxy: string;
  readonly #side: TrafficSide;

  constructor(recorder: Recorder, proxy: string, side: TrafficSide) {
    this.#recorder = recorder;
    this.#proxy = proxy;
    this.#side = side;
  }

  streamEnded({ info, key, entry }: TracedStream, cluster: UpstreamCluster | undefined): void {
    const { startNs, endNs, responseCode: code } = info;
    const flags = flagsText(info.responseFlags);
    const detail = outcomeOf(code, flags);
    const upstream = {
      side: this.#side,
      cluster: info.upstreamCluster,
      host: info.upstreamHost,
      code,
      flags,
      number: 0,
    };
    const reasons = this.#side === 'outbound' ? routeReasons(info, entry, cluster) : [];
    this.#tell(key, { kind: 'proxy', startNs, endNs, detail, upstream, reasons });
  }

  attemptEnded(
    stream: TracedRequest,
    attempt: UpstreamRequest,
    cluster: UpstreamCluster,
    nowNs: number,
  ): void {
    const { number, startNs, host, failure } = attempt;
    const { rootNumber, streamHash, callPathHash } = stream.key;
    const key = {
      rootNumber,
      streamHash,
      callPathHash,
      attempt: attemptKey(stream.key.attempt, number),
    };
    const code = attempt.response?.status ?? 0;
    const flags = flagsText(attempt.flags);
    const upstream = {
      side: this.#side,
      cluster: cluster.name,
      host: host?.address ?? '',
      code,
      flags,
      number,
    };
    this.#tellWaits(key, attempt, nowNs);
    const reasons = [
      ...(attempt.choice ?? []),
      ...attemptReasons(attempt, cluster, stream.entry, nowNs),
    ];
    const detail = code === 0 && flags === '-' ? (failure ?? 'given up') : outcomeOf(code, flags);
    this.#tell(key, { kind: 'attempt', startNs, endNs: nowNs, detail, upstream, reasons });
  }

  choice(
    cluster: UpstreamCluster,
    host: Host,
    attempted: readonly Host[],
  ): readonly SpanReason[] | undefined {
    return this.#side === 'outbound' ? choiceReasons(cluster, host, attempted) : undefined;
  }

  backOff({ key, entry }: RouterStream, wait: TracedBackOff): void {
    const { startNs, endNs, waitMs } = wait;
    const reasons = backOffReasons(wait, entry);
    this.#tell(key, { kind: 'backoff', startNs, endNs, detail: `${waitMs}ms`, reasons });
  }

  /** A fault has held a request back. */
  delayed(key: RequestKey, startNs: number, endNs: number, config: object): void {
    const reasons = [{ text: 'a delay was injected', config }];
    this.#tell(key, { kind: 'fault-delay', startNs, endNs, detail: '', reasons });
  }

  /** How long the attempt waited for a connection: in the queue of the pool, and for one to open. */
  #tellWaits(
    key: RequestKey,
    { startNs, readyNs, connectNs, failure }: UpstreamRequest,
    nowNs: number,
  ): void {
    const endNs = readyNs < 0 ? nowNs : readyNs;
    const isConnectFailure = readyNs < 0 && failure !== undefined && failure !== 'overflow';
    const connectStartNs = isConnectFailure ? startNs : connectNs < 0 ? endNs : connectNs;
    if (connectStartNs > startNs)
      this.#tell(key, { kind: 'pending', startNs, endNs: connectStartNs, detail: '' });
    if (endNs > connectStartNs) {
      const detail = isConnectFailure ? failure : '';
      this.#tell(key, { kind: 'connect', startNs: connectStartNs, endNs, detail });
    }
  }

  #tell(
    key: RequestKey,
    span: Omit<Span, 'rootNumber' | 'streamHash' | 'callPathHash' | 'attempt' | 'at'>,
  ): void {
    const { rootNumber, streamHash, callPathHash, attempt } = key;
    const at = this.#proxy;
    this.#recorder.span({ rootNumber, streamHash, callPathHash, attempt, at, ...span });
  }
}

function outcomeOf(code: number, flags: string): string {
  if (code === 0) return flags === '-' ? '' : flags;
  return flags === '-' ? String(code) : `${code} ${flags}`;
}
