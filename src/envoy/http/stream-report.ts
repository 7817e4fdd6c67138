import {
  NONE,
  ProxyRequest,
  type Recorder,
  type RequestProtocol,
  type RowId,
} from '#telemetry/recorder.ts';
import { RowHints } from '#telemetry/row-hints.ts';
import type { ConnectOptions } from '../network.ts';
import type { ProxyTelemetry } from '../proxy-environment.ts';
import type { ActiveStreamInfo } from './active-stream-info.ts';

/** On which side of its workload a listener stands. */
export type TrafficSide = 'inbound' | 'outbound';

/**
 * Hands the finished streams of one listener to the recorder: one record, filled anew each time.
 */
export class StreamReport {
  readonly #telemetry: ProxyTelemetry;
  readonly #recorder: Recorder;
  readonly #record = new ProxyRequest();
  readonly #hints = new RowHints();
  readonly #side: TrafficSide;
  #lastRouteName = '';
  #lastRouteId = NONE;

  constructor(telemetry: ProxyTelemetry, side: TrafficSide) {
    this.#telemetry = telemetry;
    this.#recorder = telemetry.recorder;
    this.#side = side;
    this.#record.proxy = telemetry.proxy;
    this.#record.reporter = side === 'inbound' ? 'destination' : 'source';
    this.#lastRouteId = telemetry.routeId('');
  }

  /** The row that the stream was counted in. */
  streamEnded(info: ActiveStreamInfo, protocol: RequestProtocol, options: ConnectOptions): RowId {
    const record = this.#record;
    record.route = this.#routeId(info.routeName);
    record.cluster = info.clusterId;
    record.host = info.hostId;
    record.protocol = protocol;
    if (this.#side === 'inbound') {
      record.peer = options.sourceProxy;
      record.mutualTls = options.tls?.mutual ?? false;
    }
    record.code = info.responseCode;
    record.grpcStatus = info.grpcStatus;
    record.flags = info.responseFlags;
    record.attempts = info.attemptCount;
    record.startNs = info.startNs;
    record.endNs = info.endNs;
    record.requestBytes = info.bytesReceived;
    record.responseBytes = info.bytesSent;
    const place = this.#side === 'inbound' ? record.peer : record.host;
    record.hint = this.#hints.of(place);
    const row = this.#recorder.proxyRequest(record);
    this.#hints.set(place, row);
    return row;
  }

  /** Most streams have the route of the one before. */
  #routeId(name: string): number {
    if (name !== this.#lastRouteName) {
      this.#lastRouteName = name;
      this.#lastRouteId = this.#telemetry.routeId(name);
    }
    return this.#lastRouteId;
  }
}
