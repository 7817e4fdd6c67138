import type { HttpRequest, HttpResponse, RequestKey } from '#envoy/network.ts';
import { assert } from '#kernel/assert.ts';
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import { keyedUniform } from '#kernel/keyed-random.ts';
import { ClientRequest, NONE, type Recorder } from '#telemetry/recorder.ts';
import { type FlagSequence, withFlag } from '#telemetry/response-flags.ts';
import type { LatencySampler } from './latency.ts';
import type { OutboundPool } from './outbound-pool.ts';
import { type OutboundFailure, type OutboundOwner, OutboundRequest } from './outbound-request.ts';
import type { DrawnRequest } from './request-draw.ts';
import type { Session } from './session.ts';
import type { User } from './user.ts';

/** What an exchange needs of its client. */
export interface ExchangeOwner {
  readonly id: number;
  readonly name: string;
  readonly dispatcher: Dispatcher;
  readonly recorder: Recorder;
  readonly timeoutNs: number | undefined;
  readonly retryCount: number;
  readonly backoff: LatencySampler;
  readonly backoffPurpose: number;
  /** Connections for a request that belongs to no session. */
  poolFor(drawn: DrawnRequest): OutboundPool | undefined;
  finished(exchange: ClientExchange): void;
  /** A user has its answer. */
  userDone(user: User, key: RequestKey): void;
}

const AGAIN = 0;

/**
 * One request of a client from its intended start to its end, with the tries that the client itself
 * makes. Pooled; `begin` resets it.
 */
export class ClientExchange implements OutboundOwner, RequestKey, EventTarget {
  rootNumber = 0;
  streamHash = 0;
  readonly callPathHash = 0;
  readonly attempt = 1;
  intendedNs = Number.NaN;
  /** Its place among the open ones of the client. */
  index = 0;
  declare private readonly owner: ExchangeOwner;
  readonly #outbound = new OutboundRequest();
  #user: User | undefined = undefined;
  #session: Session | undefined = undefined;
  #drawn: DrawnRequest | undefined = undefined;
  /** What the proxy made of tries before the last. */
  #earlierAttempts = 0;
  #backoffTimer: Timer | undefined = undefined;

  constructor(owner: ExchangeOwner) {
    this.owner = owner;
  }

  /** `user`: who waits for the answer, in a closed loop. */
  begin(
    user: User | undefined,
    session: Session | undefined,
    drawn: DrawnRequest,
    nowNs: number,
  ): void {
    this.#user = user;
    this.#session = session;
    this.#drawn = drawn;
    this.#earlierAttempts = 0;
    this.intendedNs = nowNs;
    const outbound = this.#outbound;
    outbound.rootNumber = this.rootNumber;
    outbound.streamHash = this.streamHash;
    outbound.callPathHash = 0;
    outbound.attempt = 1;
    this.#send(nowNs);
  }

  /** The client gives up waiting; it hears nothing more. */
  abandon(): void {
    this.#backoffTimer?.disable();
    this.#outbound.abandon();
    this.#leave();
  }

  /** After the pause before another try. */
  onEvent(_event: number, nowNs: number): void {
    this.#send(nowNs);
  }

  onAnswer(outbound: OutboundRequest, response: HttpResponse, nowNs: number): void {
    this.#session?.answered(this.#drawn!, response, nowNs);
    const { status } = response;
    if (status < 500 || !this.#triesAgain(nowNs)) this.#finish(status, 0, outbound.row, nowNs);
  }

  onFailure(outbound: OutboundRequest, failure: OutboundFailure, nowNs: number): void {
    if (!this.#triesAgain(nowNs)) this.#finish(0, flagsOfFailure(failure), outbound.row, nowNs);
  }

  #send(nowNs: number): void {
    const owner = this.owner;
    const outbound = this.#outbound;
    const session = this.#session;
    const drawn = this.#drawn!;
    const request: HttpRequest = session?.requestFor(drawn, nowNs) ?? drawn.request;
    outbound.begin(this, request);
    if (owner.timeoutNs !== undefined) outbound.startTimeout(owner.dispatcher, owner.timeoutNs);
    const pool = session === undefined ? owner.poolFor(drawn) : session.poolFor(drawn);
    // Undefined: no pod to send from, or to send to.
    if (pool === undefined) outbound.fail('unreachable', nowNs);
    else pool.send(outbound, nowNs);
  }

  #triesAgain(nowNs: number): boolean {
    const owner = this.owner;
    const outbound = this.#outbound;
    if (outbound.attempt > owner.retryCount) return false;
    const { backoff } = owner;
    const pauseNs =
      backoff.constantNs ?? backoff.sampleNs(keyedUniform(owner.backoffPurpose, outbound));
    const { row } = outbound;
    this.#earlierAttempts += row === NONE ? outbound.attempts : owner.recorder.attemptsOf(row);
    outbound.attempt++;
    if (pauseNs === 0) this.#send(nowNs);
    else {
      this.#backoffTimer ??= owner.dispatcher.createTimer(this, AGAIN);
      this.#backoffTimer.enable(pauseNs);
    }
    return true;
  }

  #finish(code: number, flags: FlagSequence, row: number, nowNs: number): void {
    assert(nowNs >= this.intendedNs, 'time never runs back');
    const owner = this.owner;
    const { recorder } = owner;
    RECORD.client = owner.id;
    RECORD.number = this.rootNumber;
    RECORD.intendedNs = this.intendedNs;
    RECORD.endNs = nowNs;
    RECORD.code = code;
    RECORD.flags = flags;
    RECORD.attempts = this.#outbound.attempts;
    RECORD.earlierAttempts = this.#earlierAttempts;
    RECORD.row = row;
    recorder.clientRequest(RECORD);
    if (recorder.wantsTrace === true) this.#trace(code, nowNs);
    const user = this.#user;
    this.#leave();
    if (user !== undefined) owner.userDone(user, this);
  }

  #leave(): void {
    this.#user = undefined;
    this.#session = undefined;
    this.#drawn = undefined;
    this.owner.finished(this);
  }

  #trace(code: number, endNs: number): void {
    const { rootNumber, streamHash, callPathHash, attempt, intendedNs: startNs } = this;
    const key = { rootNumber, streamHash, callPathHash, attempt };
    const { name: at, recorder } = this.owner;
    recorder.span({ kind: 'client', ...key, at, startNs, endNs, detail: String(code) });
  }
}

/** Filled for each request, read at once by the recorder. */
const RECORD = new ClientRequest();
RECORD.row = NONE;

/** What the client's proxy, or a gateway in front of it, would log. */
function flagsOfFailure(failure: OutboundFailure): FlagSequence {
  switch (failure) {
    case 'timeout':
      return withFlag(0, 'DC');
    case 'reset':
      return withFlag(0, 'UC');
    default:
      return withFlag(0, 'UF');
  }
}
