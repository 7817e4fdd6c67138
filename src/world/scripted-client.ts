import type {
  Connection,
  ConnectionOwner,
  ConnectOptions,
  Exchange,
  HttpRequest,
  HttpResponse,
  Network,
  RequestKey,
  ResetReason,
  ResponseReceiver,
} from '#envoy/network.ts';
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';

/** What a client saw of one request. */
export interface ClientOutcome {
  readonly response: HttpResponse | undefined;
  readonly upstreamServiceTimeMs: number;
  /** As Node's HTTP client names it; undefined = the answer was complete. */
  readonly error: string | undefined;
}

/** Hears the one end of a request. */
export interface ClientListener {
  onOutcome(outcome: ClientOutcome, nowNs: number): void;
}

/** Where a client connects to, and from where. */
export interface ClientEndpoints {
  readonly address: string;
  readonly options: ConnectOptions;
}

/**
 * A client with one keep-alive connection and one request at a time, like an HTTP agent with one
 * socket. A connection that the server gave up is replaced at the next request.
 */
export class ScriptedClient implements ConnectionOwner, ResponseReceiver, EventTarget {
  readonly #network: Network;
  readonly #endpoints: ClientEndpoints;
  readonly #timeout: Timer;
  #connection: Connection | undefined;
  #isConnected = false;
  #closesAfterResponse = false;
  #request: HttpRequest | undefined;
  #key: RequestKey | undefined;
  #listener: ClientListener | undefined;
  #exchange: Exchange | undefined;
  #response: HttpResponse | undefined;

  constructor(network: Network, dispatcher: Dispatcher, endpoints: ClientEndpoints) {
    this.#network = network;
    this.#endpoints = endpoints;
    this.#timeout = dispatcher.createTimer(this, 0);
  }

  send(request: HttpRequest, key: RequestKey, timeoutNs: number, listener: ClientListener): void {
    this.#request = request;
    this.#key = key;
    this.#listener = listener;
    this.#timeout.enable(timeoutNs);
    if (this.#isConnected) this.#transmit();
    else {
      this.#connection ??= this.#network.connect(
        this.#endpoints.address,
        this.#endpoints.options,
        this,
      );
    }
  }

  close(): void {
    this.#connection?.close();
    this.#forgetConnection();
  }

  onConnected(): void {
    this.#isConnected = true;
    if (this.#request !== undefined) this.#transmit();
  }

  onConnectFailure(_connection: Connection, _failure: string, nowNs: number): void {
    this.#forgetConnection();
    this.#end('ECONNREFUSED', nowNs);
  }

  onRemoteClose(): void {
    this.#forgetConnection();
  }

  onGoAway(): void {
    this.#closesAfterResponse = true;
  }

  onResponseHeaders(
    _exchange: Exchange,
    response: HttpResponse,
    endStream: boolean,
    nowNs: number,
  ): void {
    this.#response = response;
    if (endStream) this.#end(undefined, nowNs);
  }

  onResponseEnd(_exchange: Exchange, nowNs: number): void {
    this.#end(undefined, nowNs);
  }

  onResponseReset(_exchange: Exchange, _reason: ResetReason, nowNs: number): void {
    this.#forgetConnection();
    this.#end(this.#response === undefined ? 'ECONNRESET' : 'body:ECONNRESET', nowNs);
  }

  /** The client's patience is over. */
  onEvent(_event: number, nowNs: number): void {
    this.close();
    this.#end('client-timeout', nowNs);
  }

  #transmit(): void {
    const connection = this.#connection!;
    const key = this.#key!;
    this.#exchange = connection.newExchange(this.#request!, this, key, key.attempt);
    connection.send(this.#exchange);
  }

  #end(error: string | undefined, nowNs: number): void {
    const listener = this.#listener!;
    const outcome = {
      response: this.#response,
      upstreamServiceTimeMs: this.#exchange?.upstreamServiceTimeMs ?? -1,
      error,
    };
    this.#timeout.disable();
    this.#request = undefined;
    this.#response = undefined;
    this.#exchange = undefined;
    this.#listener = undefined;
    if (this.#closesAfterResponse) this.close();
    listener.onOutcome(outcome, nowNs);
  }

  #forgetConnection(): void {
    this.#connection = undefined;
    this.#isConnected = false;
    this.#closesAfterResponse = false;
  }
}
