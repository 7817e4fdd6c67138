import { type Recorder, UpstreamAttempt } from '#telemetry/recorder.ts';
import { RowHints } from '#telemetry/row-hints.ts';
import type { ProxyTelemetry } from '../proxy-environment.ts';
import type { RouterStream } from '../router/router-stream.ts';
import type { UpstreamRequest } from '../router/upstream-request.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';

/** Hands finished attempts to the recorder: one record, filled anew each time. */
export class AttemptReport {
  readonly #telemetry: ProxyTelemetry;
  readonly #recorder: Recorder;
  readonly #record = new UpstreamAttempt();
  readonly #hints = new RowHints();
  #lastRouteName = '';
  #lastRouteId: number;

  constructor(telemetry: ProxyTelemetry) {
    this.#telemetry = telemetry;
    this.#recorder = telemetry.recorder;
    this.#record.proxy = telemetry.proxy;
    this.#lastRouteId = telemetry.routeId('');
  }

  attemptEnded(
    stream: RouterStream,
    attempt: UpstreamRequest,
    cluster: UpstreamCluster,
    nowNs: number,
  ): void {
    const record = this.#record;
    record.route = this.#routeId(stream.info.routeName);
    record.cluster = cluster.id;
    record.host = attempt.host?.recordId ?? -1;
    record.protocol = stream.isGrpc === true ? 'grpc' : 'http';
    record.attempt = attempt.number;
    record.code = attempt.response?.status ?? 0;
    record.flags = attempt.flags;
    record.startNs = attempt.startNs;
    record.endNs = nowNs;
    record.hint = this.#hints.of(record.host);
    this.#hints.set(record.host, this.#recorder.attempt(record));
  }

  /** Most attempts have the route of the one before. */
  #routeId(name: string): number {
    if (name !== this.#lastRouteName) {
      this.#lastRouteName = name;
      this.#lastRouteId = this.#telemetry.routeId(name);
    }
    return this.#lastRouteId;
  }
}
