/**
 * The data plane's view of the wire, and the seam to the world. Envoy's side calls `Network.connect`
 * and `Connection.send`; `world/network.ts` implements them (latency, loss, partitions), and whoever
 * listens at an address (a proxy's listener, an application instance, a backend of an Envoy-level
 * case) is an `Acceptor`.
 *
 * One exchange is one request and its response on one connection. The network makes and pools them:
 *
 *     client end                       wire                        server end
 *     connect(address, options, owner) ───────────────▶ acceptor.accept(…) → handler
 *     owner.onConnected ◀───────────────────────────────
 *     exchange = connection.newExchange(request, …)
 *     connection.send(exchange)        ───────────────▶ handler.onRequest(exchange)
 *     receiver.onResponseHeaders ◀────────────────────── server.respond(exchange, response, endStream)
 *     receiver.onResponseEnd ◀────────────────────────── server.endResponse(exchange)
 *
 * Rules of use:
 * - Requests and responses are immutable once sent, and meant to be shared: a client keeps one
 *   `HttpRequest` per template, an instance one `HttpResponse` per kind of answer. Routes remember
 *   what they made of an object by its identity, so a fresh object per request is correct but slow.
 * - A hop without latency is a direct call: `send` may have the whole answer before it returns, so
 *   call it last. Connecting is never synchronous.
 * - Messages of one connection arrive in the order in which they were sent.
 * - The client's end forgets an exchange at `onResponseEnd`, at `onResponseHeaders` with `endStream`,
 *   at `onResponseReset`, or when it reset the stream or closed the connection itself: nothing more
 *   is heard of it then. The server's end forgets it when it has answered completely or reset it, or
 *   was told `onRequestReset`. The network re-uses the object when both have.
 */
import type { HeaderMap } from './http/header-map.ts';

export type WireProtocol = 'http/1.1' | 'h2' | 'tcp';

/** What the client end of a connection is; enough for a listener's filter chain match. */
export interface ConnectOptions {
  /** `tcp`: opaque bytes. One exchange stands for the whole session (see `HttpRequest`). */
  readonly protocol: WireProtocol;
  /** Absent = plaintext. */
  readonly tls: UpstreamTls | undefined;
  /** Where the connection starts, for latency, locality and access logs: `ip` or `ip:port` of pod or outside. */
  readonly sourceAddress: string;
  /** The address the client meant to reach, before redirection to a listener: `ip:port`. */
  readonly originalDestination: string;
  /** Any integer ≥ 0; a proxy's listener hands the connection to worker `workerKey % workers`. */
  readonly workerKey: number;
  /** The proxy that connects, as its recorder knows it (`ProxyId`); -1 = none. What mTLS would tell the peer. */
  readonly sourceProxy: number;
}

export interface UpstreamTls {
  readonly sni: string;
  readonly alpn: readonly string[];
  /** Presents an Istio workload certificate. */
  readonly mutual: boolean;
}

/** A connect timeout is the client's own timer. */
export type ConnectFailure = 'connection-refused' | 'tls-error' | 'unreachable';

/** The client's end of a connection. */
export interface Connection {
  readonly address: string;
  /**
   * Prepares an exchange; only after `onConnected`, on HTTP/1.1 one at a time. `attempt` completes
   * `key` (see `RequestKey`); the numbers are copied, nothing is kept of `key`.
   */
  newExchange(
    request: HttpRequest,
    receiver: ResponseReceiver,
    key: RequestKey,
    attempt: number,
  ): Exchange;
  /** Hands the complete request to the wire. */
  send(exchange: Exchange): void;
  /** RST_STREAM on HTTP/2; on HTTP/1.1 the caller closes the connection instead. */
  resetStream(exchange: Exchange): void;
  /** Closes, also while connecting; the server's end hears of it, the client's owner does not. */
  close(): void;
  /** Closes; open exchanges hear `connection-termination` before this returns. */
  abort(nowNs: number): void;
}

export interface ConnectionOwner {
  onConnected(connection: Connection, nowNs: number): void;
  onConnectFailure(connection: Connection, failure: ConnectFailure, nowNs: number): void;
  /** The peer closed; every open exchange on it was told first (`connection-termination`). */
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
  /** Final response headers. `endStream`: nothing follows, the body (of `bodyBytes`) has come with them. */
  onResponseHeaders(
    exchange: Exchange,
    response: HttpResponse,
    endStream: boolean,
    nowNs: number,
  ): void;
  /** The last byte of the body. */
  onResponseEnd(exchange: Exchange, nowNs: number): void;
  onResponseReset(exchange: Exchange, reason: ResetReason, nowNs: number): void;
}

/**
 * What crosses the wire; requests are complete when they arrive (bodies are bytes to count).
 * A TCP session is a request too: `method` 'TCP', the other texts empty, `bodyBytes` what it sends.
 */
export interface HttpRequest {
  readonly method: string;
  /** With query; absolute path. */
  readonly path: string;
  readonly authority: string;
  readonly scheme: string;
  /** Regular headers only, no pseudo-headers. Not to be changed after sending. */
  readonly headers: HeaderMap;
  readonly bodyBytes: number;
  /** How long the client of a TCP session keeps it; absent = until the server has answered. */
  readonly sessionNs?: number;
}

/** An answer as it crosses the wire. Immutable and shared like requests. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly bodyBytes: number;
  /** The text of a reply made by a proxy itself, for logs and tests; '' if not of interest. */
  readonly bodyText: string;
}

/** One request and its response on one connection. */
export interface Exchange extends RequestKey {
  readonly request: HttpRequest;
  /** The server's end of the connection that it is on. */
  readonly server: ServerConnection;
  /**
   * `x-envoy-upstream-service-time` in ms as the last proxy set it, or -1: a header that differs for
   * each request and therefore travels beside the shared header map. The server's end sets it.
   */
  upstreamServiceTimeMs: number;
  /** `x-envoy-attempt-count` of this request, or 0 when the sender does not include it. Travels like the above. */
  attemptCount: number;
  /** `x-envoy-expected-rq-timeout-ms` of this request, or 0. Travels like the above. */
  expectedTimeoutMs: number;
  /** Where the server's end counted this request (`RowId` of its recorder), or -1. Set before the answer ends. */
  row: number;
  /** Attempts that the server's end, if it is a proxy, has made to get the answer. Set before the answer ends. */
  attempts: number;
  /** For the server's end alone: what it keeps of this exchange while it is open. */
  serverState: unknown;
}

/**
 * Identifies one request within a run for keyed draws (`kernel/keyed-random.ts`). A proxy passes the
 * numbers on: its first attempt has the `attempt` it received, attempt k > 1 has
 * `attempt * 64 + k - 1`, a mirrored copy `attempt * 64 + 32 + policy`, so that all copies of a
 * request that can reach an instance have draws of their own, and the first attempt's do not depend
 * on how many proxies it passed.
 */
export interface RequestKey {
  readonly rootNumber: number;
  /** 32-bit signed. */
  readonly streamHash: number;
  /** 32-bit signed. */
  readonly callPathHash: number;
  readonly attempt: number;
}

/** Listens at an address. */
export interface Acceptor {
  /** A connection arrives at `address`. Answers what happens to it. */
  accept(connection: ServerConnection, options: ConnectOptions, nowNs: number): AcceptResult;
}

/** `refuse`: RST at once. `blackhole`: nothing ever comes back. */
export type AcceptResult = ServerHandler | 'refuse' | 'blackhole' | 'tls-error';

/** The server's end of an accepted connection hears this; one handler may serve many connections. */
export interface ServerHandler {
  onRequest(exchange: Exchange, nowNs: number): void;
  /** The client reset this stream, or closed the connection with this exchange open. */
  onRequestReset(exchange: Exchange, nowNs: number): void;
  /** After `onRequestReset` of each open exchange. */
  onClientClose(connection: ServerConnection, nowNs: number): void;
}

/** The server's end of a connection: how it answers. */
export interface ServerConnection {
  readonly options: ConnectOptions;
  /** Response headers, and with `endStream` the whole answer, its body included: one message. */
  respond(exchange: Exchange, response: HttpResponse, endStream: boolean): void;
  /** The rest of the body. */
  endResponse(exchange: Exchange): void;
  /** Ends the exchange without (the rest of) an answer; on HTTP/1.1 and TCP the connection closes. */
  resetExchange(exchange: Exchange, reason: ResetReason): void;
  /** Closes after what was already sent; open exchanges end with `connection-termination`. */
  hangUp(): void;
  /** GOAWAY on HTTP/2, `connection: close` on HTTP/1.1: the client takes it for no new request. */
  goAway(): void;
}
