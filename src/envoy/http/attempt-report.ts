import { LastByPlace } from '#telemetry/last-by-place.ts';
import { NONE, type Recorder, type RowId, UpstreamAttempt } from '#telemetry/recorder.ts';
import type { ProxyTelemetry } from '../proxy-environment.ts';
import type { RouterStream } from '../router/router-stream.ts';
import type { UpstreamRequest } from '../router/upstream-request.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';

/**
 * Hands finished attempts to the recorder. Most are counted as the last one to the same host was: it
 * is kept, and comparing with it is cheaper than looking up the row.
 */
export class AttemptReport {
  declare private readonly telemetry: ProxyTelemetry;
  declare private readonly recorder: Recorder;
  readonly #last = new LastByPlace(() => new LastAttempt());
  #lastRouteName = '';
  declare private lastRouteId: number;

  constructor(telemetry: ProxyTelemetry) {
    this.telemetry = telemetry;
    this.recorder = telemetry.recorder;
    this.lastRouteId = telemetry.routeId('');
  }

  attemptEnded(
    stream: RouterStream,
    attempt: UpstreamRequest,
    cluster: UpstreamCluster,
    nowNs: number,
  ): void {
    const route = this.#routeId(stream.info.routeName);
    const host = attempt.host?.recordId ?? NONE;
    const code = attempt.response?.status ?? 0;
    const last = this.#last.at(host);
    if (!last.isLike(attempt, route, cluster.id, host, code, stream.isGrpc)) {
      last.row = NONE;
      last.proxy = this.telemetry.proxy;
      last.route = route;
      last.cluster = cluster.id;
      last.host = host;
      last.protocol = stream.isGrpc ? 'grpc' : 'http';
      last.attempt = attempt.number;
      last.code = code;
      last.flags = attempt.flags;
    }
    last.startNs = attempt.startNs;
    last.endNs = nowNs;
    last.row = this.recorder.attempt(last, last.row);
  }

  /** Most attempts have the route of the one before. */
  #routeId(name: string): number {
    if (name !== this.#lastRouteName) {
      this.#lastRouteName = name;
      this.lastRouteId = this.telemetry.routeId(name);
    }
    return this.lastRouteId;
  }
}

class LastAttempt extends UpstreamAttempt {
  row: RowId = NONE;

  /** Whether an attempt with these facts is counted in the same row. */
  isLike(
    attempt: UpstreamRequest,
    route: number,
    cluster: number,
    host: number,
    code: number,
    isGrpc: boolean,
  ): boolean {
    return (
      this.host === host &&
      this.code === code &&
      this.route === route &&
      this.cluster === cluster &&
      this.attempt === attempt.number &&
      this.flags === attempt.flags &&
      (this.protocol === 'grpc') === isGrpc
    );
  }
}
