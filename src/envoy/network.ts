/**
 * The data plane's view of the wire. Envoy's side calls `Network.connect` and `Connection.send`;
 * `world/network.ts` implements them (latency, loss, partitions), and whoever listens at an address
 * (another proxy's listener, an application instance, a backend of an Envoy-level case) is an
 * `Acceptor`. Nothing here schedules: the implementation owns the events that carry messages.
 *
 * One exchange is one request and its response on one connection. Both ends hold the same `Exchange`;
 * it is made and pooled by the client's end and must not be reused before the network released it.
 */
import type { HeaderMap } from './http/header-map.ts';

export type WireProtocol = 'http/1.1' | 'h2' | 'tcp';

/** What the client end of a connection is; enough for a listener's filter chain match. */
export interface ConnectOptions {
  readonly protocol: WireProtocol;
  /** Absent = plaintext. */
  readonly tls: UpstreamTls | undefined;
  /** Where the connection starts, for latency, locality and access logs: `ip` of pod or outside. */
  readonly sourceAddress: string;
  /** The address the client meant to reach, before redirection to a listener: `ip:port`. */
  readonly originalDestination: string;
}

export interface UpstreamTls {
  readonly sni: string;
  readonly alpn: readonly string[];
  /** Presents an Istio workload certificate. */
  readonly mutual: boolean;
}

export type ConnectFailure = 'connection-refused' | 'tls-error' | 'unreachable'; // A timeout is the client's own timer.

/** The client's end of a connection. */
export interface Connection {
  readonly address: string;
  /** Hands a complete request to the wire. */
  send(exchange: Exchange): void;
  /** RST_STREAM on HTTP/2; on HTTP/1.1 the caller closes the connection instead. */
  resetStream(exchange: Exchange): void;
  /** Closes; the server's end hears of it, the client's owner does not. */
  close(): void;
}

export interface ConnectionOwner {
  onConnected(connection: Connection, nowNs: number): void;
  onConnectFailure(connection: Connection, failure: ConnectFailure, nowNs: number): void;
  /** The peer closed; every open exchange on it was told first. */
  onRemoteClose(connection: Connection, nowNs: number): void;
  /** HTTP/2 GOAWAY, or `connection: close` on a response: no new exchange will be taken. */
  onGoAway(connection: Connection, nowNs: number): void;
}

export interface Network {
  connect(address: string, options: ConnectOptions, owner: ConnectionOwner): Connection;
}

export type ResetReason =
  | 'connection-termination'
  | 'remote-reset'
  | 'remote-refused-stream'
  | 'protocol-error';

/** The client's end of one exchange hears this. */
export interface ResponseReceiver {
  /** Final response headers. `endStream`: no body follows. */
  onResponseHeaders(exchange: Exchange, endStream: boolean, nowNs: number): void;
  /** The last byte of the body. */
  onResponseEnd(exchange: Exchange, nowNs: number): void;
  onResponseReset(exchange: Exchange, reason: ResetReason, nowNs: number): void;
}

/** What crosses the wire; requests are complete when they arrive (bodies are bytes to count). */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly scheme: string;
  readonly headers: HeaderMap;
  readonly bodyBytes: number;
}

/** One request and its response; the fields of the response are valid from `onResponseHeaders` on. */
export interface Exchange {
  request: HttpRequest;
  receiver: ResponseReceiver;
  status: number;
  responseHeaders: HeaderMap;
  responseBytes: number;
  /** Root request number and call path: the key for draws that belong to the request. */
  requestKey: RequestKey;
}

/** Identifies one request within a run for keyed draws (`kernel/keyed-random.ts`). */
export interface RequestKey {
  readonly rootNumber: number;
  readonly streamHash: number;
  readonly callPathHash: number;
  readonly attempt: number;
}

/** Listens at an address. */
export interface Acceptor {
  /** A connection arrives at `address`. Answers what happens to it. */
  accept(connection: ServerConnection, options: ConnectOptions, nowNs: number): AcceptResult;
}

export type AcceptResult = ServerHandler | 'refuse' | 'blackhole' | 'tls-error';

/** The server's end of an accepted connection hears this. */
export interface ServerHandler {
  onRequest(exchange: Exchange, connection: ServerConnection, nowNs: number): void;
  /** The client reset this stream, or left. */
  onRequestReset(exchange: Exchange, connection: ServerConnection, nowNs: number): void;
  onClientClose(connection: ServerConnection, nowNs: number): void;
}

/** The server's end of a connection: how it answers. */
export interface ServerConnection {
  respond(exchange: Exchange, endStream: boolean): void;
  endResponse(exchange: Exchange): void;
  reset(exchange: Exchange, reason: ResetReason): void;
  /** Closes (after answers already sent); open exchanges end with `connection-termination`. */
  close(): void;
  goAway(): void;
}
