import { LastByPlace } from '#telemetry/last-by-place.ts';
import { LastId } from '#telemetry/last-id.ts';
import {
  NONE,
  ProxyRequest,
  type Recorder,
  type RequestProtocol,
  type RowId,
} from '#telemetry/recorder.ts';
import type { ConnectOptions } from '../network.ts';
import type { ProxyTelemetry } from '../proxy-environment.ts';
import type { ActiveStreamInfo } from './active-stream-info.ts';

/** On which side of its workload a listener stands. */
export type TrafficSide = 'inbound' | 'outbound';

/**
 * Hands the finished streams of one listener to the recorder. Most are counted as the last one to the
 * same host (inbound: from the same proxy) was: it is kept, and comparing with it is cheaper than
 * looking up the row.
 */
export class StreamReport {
  declare private readonly recorder: Recorder;
  declare private readonly isInbound: boolean;
  declare private readonly last: LastByPlace<LastRequest>;
  declare private readonly routeId: LastId;

  constructor(telemetry: ProxyTelemetry, side: TrafficSide) {
    this.recorder = telemetry.recorder;
    this.isInbound = side === 'inbound';
    this.last = new LastByPlace(() => new LastRequest(telemetry.proxy, this.isInbound));
    this.routeId = new LastId((name) => telemetry.routeId(name));
  }

  /** The row that the stream was counted in. */
  streamEnded(info: ActiveStreamInfo, protocol: RequestProtocol, options: ConnectOptions): RowId {
    const { isInbound } = this;
    const route = this.routeId.of(info.routeName);
    const peer = isInbound === true ? options.sourceProxy : NONE;
    const mutualTls = isInbound === true && options.tls?.mutual === true;
    const last = this.last.at(isInbound === true ? peer : info.hostId);
    if (!last.isLike(info, route, peer, mutualTls, protocol)) {
      last.become(info, route, peer, mutualTls, protocol);
    }
    last.startNs = info.startNs;
    last.endNs = info.endNs;
    last.requestBytes = info.bytesReceived;
    last.responseBytes = info.bytesSent;
    const row = this.recorder.proxyRequest(last, last.row);
    last.row = row;
    return row;
  }
}

class LastRequest extends ProxyRequest {
  row: RowId = NONE;

  constructor(proxy: number, isInbound: boolean) {
    super();
    this.proxy = proxy;
    this.reporter = isInbound ? 'destination' : 'source';
  }

  /** Whether a stream with these facts is counted in the same row. */
  isLike(
    info: ActiveStreamInfo,
    route: number,
    peer: number,
    mutualTls: boolean,
    protocol: RequestProtocol,
  ): boolean {
    return (
      this.host === info.hostId &&
      this.code === info.responseCode &&
      this.route === route &&
      this.cluster === info.clusterId &&
      this.peer === peer &&
      this.attempts === info.attemptCount &&
      this.flags === info.responseFlags &&
      this.grpcStatus === info.grpcStatus &&
      this.mutualTls === mutualTls &&
      this.protocol === protocol
    );
  }

  become(
    info: ActiveStreamInfo,
    route: number,
    peer: number,
    mutualTls: boolean,
    protocol: RequestProtocol,
  ): void {
    this.row = NONE;
    this.route = route;
    this.cluster = info.clusterId;
    this.host = info.hostId;
    this.peer = peer;
    this.protocol = protocol;
    this.mutualTls = mutualTls;
    this.code = info.responseCode;
    this.grpcStatus = info.grpcStatus;
    this.flags = info.responseFlags;
    this.attempts = info.attemptCount;
  }
}
