import type { ClientLabels, ClusterLabels, HostLabels, ProxyLabels } from './labels.ts';
import type { FlagSequence } from './response-flags.ts';

/** Small integers, from the `intern…` methods. */
export type ProxyId = number;
export type ClusterId = number;
export type HostId = number;
export type RouteId = number;
export type ClientId = number;
export type GaugeId = number;
/** One tuple that requests are counted by. */
export type RowId = number;

/** For any of the above: there is none (no route matched, no host was reached, a caller without a proxy). */
export const NONE = -1;

/**
 * Where proxies, clients and workloads report what happened. Things are interned when configuration
 * is applied: the same name gives the same integer, and the first description stays. Records are
 * filled, handed in and reused by the caller: they are read before the call returns, nothing is kept.
 *
 * What is not worth its cost per request is asked for once: `wantsTrace`.
 */
export interface Recorder {
  /** Whether `span` leads anywhere. Constant during a run; ask once. */
  readonly wantsTrace: boolean;
  /** Whether what only charts show (`serving`) is recorded. Constant during a run; ask once. */
  readonly wantsSeries: boolean;

  internProxy(labels: ProxyLabels): ProxyId;
  internCluster(labels: ClusterLabels): ClusterId;
  internHost(labels: HostLabels): HostId;
  /** The route's name as an access log prints it; '' is a route without a name. */
  internRoute(name: string): RouteId;
  internClient(labels: ClientLabels): ClientId;
  internGauge(labels: GaugeLabels): GaugeId;

  /**
   * A proxy has finished a stream: one `istio_requests_total`. Gives the row it was counted in, which
   * the proxy may pass back to its client: that is how a client's request gets its labels. `known`:
   * the row of a stream that differed in nothing but times and bytes.
   */
  proxyRequest(request: ProxyRequest, known?: RowId): RowId;
  /** How many upstream attempts the requests of such a row took. */
  attemptsOf(row: RowId): number;
  /** A client's request has ended, in whatever way. In order of completion: the digest depends on it. */
  clientRequest(request: ClientRequest): void;
  /** A client's request was still open when the run ended. */
  unfinished(client: ClientId, rootNumber: number, intendedNs: number): void;
  /** A client did not send what it should have: too many of its requests were open. */
  dropped(client: ClientId, intendedNs: number): void;
  /**
   * A proxy's upstream attempt has ended: with an answer, a reset, a timeout, or without a host.
   * `known`: the row of an attempt that differed in nothing but times.
   */
  attempt(attempt: UpstreamAttempt, known?: RowId): RowId;

  ejected(ejection: Ejection, nowNs: number): void;
  /** Back in rotation: by a sweep, or because outlier detection was taken away. */
  unejected(proxy: ProxyId, cluster: ClusterId, host: HostId, nowNs: number): void;
  /** A circuit breaker or a full pending queue turned a request, connection or retry away. */
  overflowed(proxy: ProxyId, cluster: ClusterId, limit: OverflowLimit, nowNs: number): void;
  /** A proxy has taken over a configuration. `change` names it in words for the timeline. */
  pushed(proxy: ProxyId, change: string, nowNs: number): void;
  /** A copy of a request was sent to a mirror. */
  mirrored(proxy: ProxyId, cluster: ClusterId, nowNs: number): void;
  /** Anything else that belongs on the timeline: a pod was killed, a workload was changed. */
  note(text: string, nowNs: number): void;

  /** The gauge's value from now on. Call it at every change. */
  setGauge(gauge: GaugeId, value: number, nowNs: number): void;

  /** A piece of a request's waterfall; call it only if `wantsTrace`. */
  span(span: Span): void;
}

export type Reporter = 'source' | 'destination';
export type RequestProtocol = 'http' | 'grpc' | 'tcp';
/** What a circuit breaker counts. */
export type OverflowLimit = 'requests' | 'pending' | 'connections' | 'retries' | 'connection_pools';
export type GaugeKind = 'inflight' | 'pending' | 'connections' | 'queue' | 'serving';

/** What a gauge measures: of a proxy and cluster, or (`queue`, `serving`) of a host alone. */
export interface GaugeLabels {
  readonly kind: GaugeKind;
  readonly proxy: ProxyId;
  readonly cluster: ClusterId;
  readonly host: HostId;
}

/** One finished stream of a proxy. Times of records are doubles from the start: docs/adr/0007. */
export class ProxyRequest {
  /** `source`: a sidecar's outbound side or a gateway. `destination`: a sidecar's inbound side. */
  reporter: Reporter = 'source';
  proxy: ProxyId = NONE;
  /** Of the matched route, even if no host was reached. */
  route: RouteId = NONE;
  cluster: ClusterId = NONE;
  /** The last attempt's host; at the destination the instance itself. */
  host: HostId = NONE;
  /** At the destination: the proxy that called, if one did. */
  peer: ProxyId = NONE;
  protocol: RequestProtocol = 'http';
  /** At the destination: the connection was mutual TLS. */
  mutualTls = false;
  /** 0 = no answer was sent (the client is gone, TCP). */
  code = 0;
  /** −1 = not gRPC. */
  grpcStatus = -1;
  flags: FlagSequence = 0;
  attempts = 0;
  startNs = Number.NaN;
  endNs = Number.NaN;
  requestBytes = 0;
  responseBytes = 0;

  constructor() {
    this.startNs = 0;
    this.endNs = 0;
  }
}

/** One request of a client, retries and all. */
export class ClientRequest {
  client: ClientId = NONE;
  /** Its number among the client's requests, from 1. */
  number = 0;
  /** When it was meant to be sent: latency counts from here. */
  intendedNs = Number.NaN;
  /** When the answer was complete, or the client gave up. */
  endNs = Number.NaN;
  /** As the client saw it; 0 = no answer. */
  code = 0;
  /** Of the client's own proxy (or the gateway), where `row` is not known. */
  flags: FlagSequence = 0;
  /** How often it was sent upstream, where `row` is not known. */
  attempts = 0;
  /** How often tries of the client before its last were sent upstream. */
  earlierAttempts = 0;
  /** Where its first proxy counted it; it gives flags, attempts, route, cluster and host. */
  row: RowId = NONE;

  constructor() {
    this.intendedNs = 0;
    this.endNs = 0;
  }
}

/** One attempt of a proxy's router to reach a host. */
export class UpstreamAttempt {
  proxy: ProxyId = NONE;
  route: RouteId = NONE;
  cluster: ClusterId = NONE;
  host: HostId = NONE;
  protocol: RequestProtocol = 'http';
  /** 1 for the first. */
  attempt = 1;
  /** 0 = it ended without an answer. */
  code = 0;
  flags: FlagSequence = 0;
  startNs = Number.NaN;
  endNs = Number.NaN;

  constructor() {
    this.startNs = 0;
    this.endNs = 0;
  }
}

export interface Ejection {
  readonly proxy: ProxyId;
  readonly cluster: ClusterId;
  readonly host: HostId;
  /** In the field's words: `consecutive 5xx`, `consecutive gateway failure`, `success rate`… */
  readonly detector: string;
  /** What the detector had counted; −1 if it does not count. */
  readonly count: number;
}

/** A piece of a request's waterfall; the segments of ux.md §3.4. */
export interface Span {
  readonly kind: SpanKind;
  /** The request's key (`kernel/keyed-random.ts`): all spans of one root request share the first two. */
  readonly rootNumber: number;
  readonly streamHash: number;
  readonly callPathHash: number;
  readonly attempt: number;
  /** Who it happened at: a proxy's, host's or client's name. */
  readonly at: string;
  readonly startNs: number;
  readonly endNs: number;
  /** Outcome or decision, in words. */
  readonly detail: string;
  /** Of a proxy's stream or attempt; undefined for everything else. */
  readonly upstream?: SpanUpstream;
  /** Why it went so, in the order in which it was decided. */
  readonly reasons?: readonly SpanReason[];
}

/** Where a proxy sent a request, and what came back. */
export interface SpanUpstream {
  /** Of a sidecar's inbound listener, or towards others. */
  readonly side: 'inbound' | 'outbound';
  readonly cluster: string;
  /** `ip:port`; '' if none was reached. */
  readonly host: string;
  /** 0 = no answer. */
  readonly code: number;
  /** As logged. */
  readonly flags: string;
  /** Which attempt of its stream, from 1; 0 = the stream itself. */
  readonly number: number;
}

/** A decision in words, and the piece of configuration behind it: whoever made that knows its line. */
export interface SpanReason {
  readonly text: string;
  readonly config?: object | undefined;
  /** The field of `config` that decided; undefined = all of it. */
  readonly field?: string | undefined;
}

export type SpanKind =
  | 'client'
  | 'proxy'
  | 'attempt'
  | 'backoff'
  | 'pending'
  | 'connect'
  | 'network'
  | 'queue'
  | 'service'
  | 'fault-delay';
