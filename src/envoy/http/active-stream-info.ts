import { type ClusterId, type HostId, NONE } from '#telemetry/recorder.ts';
import { type FlagSequence, type ResponseFlag, withFlag } from '#telemetry/response-flags.ts';
import type { StreamInfo } from '../stream-info.ts';

/** The `StreamInfo` of a stream that is under way. Pooled with its stream. */
export class ActiveStreamInfo implements StreamInfo {
  protocol = '';
  /** Doubles from the start: V8 makes another class of an object whose number becomes one. */
  startNs = Number.NaN;
  firstUpstreamResponseNs = Number.NaN;
  endNs = Number.NaN;
  responseCode = 0;
  responseCodeDetails = '';
  connectionTerminationDetails = '';
  responseFlags: FlagSequence = 0;
  bytesReceived = 0;
  bytesSent = 0;
  attemptCount = 0;
  routeName = '';
  upstreamCluster = '';
  upstreamHost = '';
  upstreamLocalAddress = '';
  upstreamServiceTimeMs = -1;
  upstreamTransportFailureReason = '';
  downstreamLocalAddress = '';
  downstreamRemoteAddress = '';
  downstreamDirectRemoteAddress = '';
  requestedServerName = '';
  hostname = '';
  /** How the recorder knows the cluster and the last host. */
  clusterId: ClusterId = NONE;
  hostId: HostId = NONE;
  /** −1 = not gRPC. */
  grpcStatus = -1;

  constructor() {
    this.reset();
  }

  setResponseFlag(flag: ResponseFlag): void {
    this.responseFlags = withFlag(this.responseFlags, flag);
  }

  /** Requests are complete when they arrive. */
  get requestEndNs(): number {
    return this.startNs;
  }

  get responseEndNs(): number {
    return this.responseCode > 0 ? this.endNs : -1;
  }

  setFlag(flag: ResponseFlag): void {
    this.responseFlags = withFlag(this.responseFlags, flag);
  }

  /**
   * Another attempt: what is told of the upstream is told of the last one.
   *
   * @source envoy: source/common/router/upstream_request.cc, UpstreamRequest (setUpstreamInfo)
   */
  forgetUpstream(): void {
    this.upstreamHost = '';
    this.upstreamLocalAddress = '';
    this.upstreamTransportFailureReason = '';
    this.hostId = NONE;
  }

  /** Forgets the stream before; what belongs to the connection is set again by the next one. */
  reset(): void {
    this.startNs = -1;
    this.firstUpstreamResponseNs = -1;
    this.endNs = -1;
    this.responseCode = 0;
    this.responseCodeDetails = '';
    this.connectionTerminationDetails = '';
    this.responseFlags = 0;
    this.bytesReceived = 0;
    this.bytesSent = 0;
    this.attemptCount = 0;
    this.routeName = '';
    this.upstreamCluster = '';
    this.upstreamHost = '';
    this.upstreamLocalAddress = '';
    this.upstreamServiceTimeMs = -1;
    this.upstreamTransportFailureReason = '';
    this.clusterId = NONE;
    this.hostId = NONE;
    this.grpcStatus = -1;
  }
}
