import { LastByPlace } from '#telemetry/last-by-place.ts';
import { LastId } from '#telemetry/last-id.ts';
import {
  NONE,
  type Recorder,
  type RequestProtocol,
  type RowId,
  UpstreamAttempt,
} from '#telemetry/recorder.ts';
import type { ProxyTelemetry } from '../proxy-environment.ts';
import type { RouterStream } from '../router/router-stream.ts';
import type { UpstreamRequest } from '../router/upstream-request.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';

/**
 * Hands finished attempts to the recorder. Most are counted as the last one to the same host was: it
 * is kept, and comparing with it is cheaper than looking up the row.
 */
export class AttemptReport {
  declare private readonly recorder: Recorder;
  declare private readonly last: LastByPlace<LastAttempt>;
  declare private readonly routeId: LastId;

  constructor(telemetry: ProxyTelemetry) {
    this.recorder = telemetry.recorder;
    this.last = new LastByPlace(() => new LastAttempt(telemetry.proxy));
    this.routeId = new LastId((name) => telemetry.routeId(name));
  }

  attemptEnded(
    stream: RouterStream,
    attempt: UpstreamRequest,
    cluster: UpstreamCluster,
    nowNs: number,
  ): void {
    const route = this.routeId.of(stream.info.routeName);
    const host = attempt.host?.recordId ?? NONE;
    const code = attempt.response?.status ?? 0;
    const protocol = stream.isGrpc === true ? 'grpc' : 'http';
    const last = this.last.at(host);
    if (!last.isLike(attempt, route, cluster.id, host, code, protocol)) {
      last.become(attempt, route, cluster.id, host, code, protocol);
    }
    last.startNs = attempt.startNs;
    last.endNs = nowNs;
    last.row = this.recorder.attempt(last, last.row);
  }
}

class LastAttempt extends UpstreamAttempt {
  row: RowId = NONE;

  constructor(proxy: number) {
    super();
    this.proxy = proxy;
  }

  /** Whether an attempt with these facts is counted in the same row. */
  isLike(
    attempt: UpstreamRequest,
    route: number,
    cluster: number,
    host: number,
    code: number,
    protocol: RequestProtocol,
  ): boolean {
    return (
      this.host === host &&
      this.code === code &&
      this.route === route &&
      this.cluster === cluster &&
      this.attempt === attempt.number &&
      this.flags === attempt.flags &&
      this.protocol === protocol
    );
  }

  become(
    attempt: UpstreamRequest,
    route: number,
    cluster: number,
    host: number,
    code: number,
    protocol: RequestProtocol,
  ): void {
    this.row = NONE;
    this.route = route;
    this.cluster = cluster;
    this.host = host;
    this.protocol = protocol;
    this.attempt = attempt.number;
    this.code = code;
    this.flags = attempt.flags;
  }
}
