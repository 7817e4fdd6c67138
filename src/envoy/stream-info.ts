/**
 * What is known of one stream (an HTTP request, or a TCP connection): what access log and header
 * formatters print, and what a request record is made of. The connection manager owns the object,
 * filters and the router write to it.
 *
 * Times are integer nanoseconds of the virtual clock, -1 while not known. Texts are '' while not known.
 *
 * @source envoy: envoy/stream_info/stream_info.h, StreamInfo
 */
import type { FlagSequence } from '#telemetry/response-flags.ts';

export interface StreamInfo {
  /** `HTTP/1.1`, `HTTP/2`; '' for TCP. */
  readonly protocol: string;
  readonly startNs: number;
  /** The last byte of the request came in. */
  readonly requestEndNs: number;
  /** The first byte of the answer came from the upstream host. */
  readonly firstUpstreamResponseNs: number;
  /** The last byte of the answer was sent. */
  readonly responseEndNs: number;
  /** The stream is done (and logged). */
  readonly endNs: number;
  /** 0 if none was sent. */
  readonly responseCode: number;
  readonly responseCodeDetails: string;
  readonly connectionTerminationDetails: string;
  readonly responseFlags: FlagSequence;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly attemptCount: number;
  readonly routeName: string;
  /** Of the matched route, also when no host was chosen. */
  readonly upstreamCluster: string;
  /** `ip:port` of the last attempt's host. */
  readonly upstreamHost: string;
  /** `ip:port` of the last attempt's connection; '' until it had one. */
  readonly upstreamLocalAddress: string;
  /** `x-envoy-upstream-service-time` of the answer, which has it beside its headers; -1 = has none. */
  readonly upstreamServiceTimeMs: number;
  readonly upstreamTransportFailureReason: string;
  readonly downstreamLocalAddress: string;
  /** The client's, as far as it is known. */
  readonly downstreamRemoteAddress: string;
  /** The peer's of the connection. */
  readonly downstreamDirectRemoteAddress: string;
  readonly requestedServerName: string;
  /** The node's. */
  readonly hostname: string;
}
