/**
 * The checks of one host over the network, one after the other, and the connection that they share.
 *
 *     check ─▶ connecting ─▶ asked ─▶ answered: the connection stays for the next check
 *                  └────────────┴───▶ failed, cancelled: it goes
 *
 * The listener is told once for each check, unless that was cancelled before.
 *
 * @source envoy: source/extensions/health_checkers/http/health_checker_impl.cc,
 *   HttpActiveHealthCheckSession; tcp/health_checker_impl.cc, TcpActiveHealthCheckSession
 */
import { assert } from '#kernel/assert.ts';
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { DrawKey } from '#kernel/keyed-random.ts';
import type {
  Connection,
  ConnectionOwner,
  Exchange,
  HttpRequest,
  HttpResponse,
  ResponseReceiver,
  WireProtocol,
} from '../network.ts';
import type { ProbeResult } from './health-check-config.ts';
import type { Probe, ProbeListener } from './health-check-session.ts';

/** What is asked of a host, and what its answers mean. */
export interface ProbeRequest {
  readonly protocol: WireProtocol;
  readonly request: HttpRequest;
  judge(response: HttpResponse): ProbeResult;
}

/** What the checks of a cluster's hosts have in common. */
export interface ProbeSettings {
  readonly dispatcher: Dispatcher;
  readonly reusesConnection: boolean;
  /** Of a connection between checks; 0 = none. */
  readonly idleTimeoutNs: number;
  onIdleTimeout(): void;
}

export class HostProbe implements Probe, ConnectionOwner, ResponseReceiver, EventTarget {
  /** Undefined = the connection alone is the check. */
  readonly #asked: ProbeRequest | undefined;
  readonly #settings: ProbeSettings;
  readonly #idleTimer: Timer;
  readonly #connect: (owner: ConnectionOwner) => Connection;
  #connection: Connection | undefined;
  #isConnected = false;
  #isGoingAway = false;
  #key: DrawKey | undefined;
  /** Undefined between checks. */
  #listener: ProbeListener | undefined;
  #response: HttpResponse | undefined;

  constructor(
    asked: ProbeRequest | undefined,
    settings: ProbeSettings,
    connect: (owner: ConnectionOwner) => Connection,
  ) {
    this.#asked = asked;
    this.#settings = settings;
    this.#idleTimer = settings.dispatcher.createTimer(this, 0);
    this.#connect = connect;
  }

  check(key: DrawKey, listener: ProbeListener): void {
    assert(this.#listener === undefined, 'a host is checked once at a time');
    this.#listener = listener;
    this.#key = key;
    if (this.#isConnected) this.#ask();
    else this.#connection = this.#connect(this);
  }

  /** The check took too long. */
  cancel(): void {
    this.#listener = undefined;
    this.close();
  }

  close(): void {
    const connection = this.#connection;
    this.#forgetConnection();
    connection?.close();
  }

  onConnected(): void {
    this.#isConnected = true;
    if (this.#asked !== undefined) {
      this.#ask();
      return;
    }
    this.close();
    this.#tell('healthy');
  }

  onConnectFailure(): void {
    this.#forgetConnection();
    this.#tell('network-failure');
  }

  onRemoteClose(): void {
    this.#forgetConnection();
    this.#tell('network-failure');
  }

  /** The answer still comes. */
  onGoAway(): void {
    if (this.#listener === undefined) this.close();
    else this.#isGoingAway = true;
  }

  onResponseHeaders(_exchange: Exchange, response: HttpResponse, endStream: boolean): void {
    this.#response = response;
    if (endStream) this.onResponseEnd();
  }

  onResponseEnd(): void {
    if (this.#listener === undefined) return;
    const response = this.#response!;
    const result = this.#asked!.judge(response);
    if (!this.#settings.reusesConnection || this.#isGoingAway) this.close();
    else if (this.#settings.idleTimeoutNs > 0) this.#idleTimer.enable(this.#settings.idleTimeoutNs);
    const isExcluded = response.headers.has('x-envoy-immediate-health-check-fail');
    this.#tell(result, isExcluded && result !== 'healthy' && result !== 'degraded');
  }

  onResponseReset(): void {
    this.#tell('network-failure');
  }

  /** Nobody checked for too long. */
  onEvent(): void {
    this.#settings.onIdleTimeout();
    this.close();
  }

  #ask(): void {
    this.#idleTimer.disable();
    const connection = this.#connection!;
    connection.send(connection.newExchange(this.#asked!.request, this, this.#key!, 1));
  }

  #tell(result: ProbeResult, isExcluded = false): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onProbeResult(result, isExcluded);
  }

  #forgetConnection(): void {
    this.#idleTimer.disable();
    this.#connection = undefined;
    this.#isConnected = false;
    this.#isGoingAway = false;
  }
}
