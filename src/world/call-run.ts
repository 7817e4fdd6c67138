import type { HttpRequest, HttpResponse, RequestKey } from '#envoy/network.ts';
import type { Dispatcher } from '#kernel/dispatcher.ts';
import { extendCallPath, keyedUniform } from '#kernel/keyed-random.ts';
import type { CompiledBehaviour, CompiledCall } from './compiled-behaviour.ts';
import type { OutboundPool } from './outbound-pool.ts';
import { type OutboundFailure, type OutboundOwner, OutboundRequest } from './outbound-request.ts';

/** Whoever makes calls: the request being served. */
export interface CallOwner extends RequestKey {
  readonly request: HttpRequest | undefined;
  /** `status` is what the failure leads to; 0 = the call went well, or its failure does not matter. */
  onCallDone(status: number, nowNs: number): void;
}

/** What a call needs of the pod that makes it. */
export interface CallOrigin {
  readonly dispatcher: Dispatcher;
  poolTo(call: CompiledCall): OutboundPool;
  giveCallRun(run: CallRun): void;
}

/** A caller that got no usable answer says so with this status. */
const BAD_DEPENDENCY = 503;

/**
 * One call of an application to another service, with its repetitions and the application's own
 * retries. Pooled by the pod; `begin` sets every field.
 */
export class CallRun implements OutboundOwner {
  readonly #origin: CallOrigin;
  readonly #outbound = new OutboundRequest();
  #owner: CallOwner | undefined = undefined;
  #call: CompiledCall | undefined = undefined;
  #behaviour: CompiledBehaviour | undefined = undefined;
  #repetition = 0;
  #worst = 0;

  constructor(origin: CallOrigin) {
    this.#origin = origin;
  }

  begin(owner: CallOwner, call: CompiledCall, behaviour: CompiledBehaviour, nowNs: number): void {
    this.#owner = owner;
    this.#call = call;
    this.#behaviour = behaviour;
    this.#repetition = 0;
    this.#worst = 0;
    if (call.isFor?.(owner.request!) === false) this.#finish(nowNs);
    else this.#nextRepetition(nowNs);
  }

  onAnswer(_outbound: OutboundRequest, response: HttpResponse, nowNs: number): void {
    const { status } = response;
    if (status < 400) this.#afterAttempt(0, nowNs);
    else this.#afterAttempt(status >= 500 ? status : BAD_DEPENDENCY, nowNs);
  }

  onFailure(_outbound: OutboundRequest, _failure: OutboundFailure, nowNs: number): void {
    this.#afterAttempt(BAD_DEPENDENCY, nowNs);
  }

  /** Gives up what it still does for `owner`; one that is over already belongs to somebody else. */
  cancel(owner: CallOwner, nowNs: number): void {
    if (this.#owner !== owner) return;
    this.#outbound.abandon();
    this.#finish(nowNs);
  }

  #nextRepetition(nowNs: number): void {
    const call = this.#call!;
    const owner = this.#owner!;
    const outbound = this.#outbound;
    while (this.#repetition < call.times) {
      outbound.rootNumber = owner.rootNumber;
      outbound.streamHash = owner.streamHash;
      outbound.callPathHash = pathOfCall(owner, call.index, this.#repetition);
      outbound.attempt = owner.attempt;
      this.#repetition++;
      const isMade =
        call.chance >= 1 || keyedUniform(this.#behaviour!.chancePurpose, outbound) < call.chance;
      if (isMade) {
        outbound.attempt = 1;
        this.#send(nowNs);
        return;
      }
    }
    this.#finish(nowNs);
  }

  #send(nowNs: number): void {
    const call = this.#call!;
    const outbound = this.#outbound;
    outbound.begin(this, this.#behaviour!.requests.of(call, this.#owner!.request!));
    if (call.timeoutNs !== undefined)
      outbound.startTimeout(this.#origin.dispatcher, call.timeoutNs);
    this.#origin.poolTo(call).send(outbound, nowNs);
  }

  #afterAttempt(status: number, nowNs: number): void {
    const call = this.#call!;
    if (status !== 0 && this.#outbound.attempt <= call.retries) {
      this.#outbound.attempt++;
      this.#send(nowNs);
      return;
    }
    if (status !== 0 && call.onError !== 'ignore') {
      this.#worst = call.onError === 'fail' ? status : call.onError;
      this.#finish(nowNs); // A failed call ends the request: no further repetitions.
      return;
    }
    this.#nextRepetition(nowNs);
  }

  #finish(nowNs: number): void {
    const owner = this.#owner!;
    const status = this.#worst;
    this.#owner = undefined;
    this.#origin.giveCallRun(this);
    owner.onCallDone(status, nowNs);
  }
}

/** The path of a call, by its number among the calls of a service and its repetition, from 0. */
export function pathOfCall(owner: RequestKey, call: number, repetition: number): number {
  const path = extendCallPath(pathOfAttempt(owner), call);
  return repetition === 0 ? path : extendCallPath(path, repetition);
}

/** Calls of a try of their own have draws of their own; those of the first try the plain path. */
function pathOfAttempt({ callPathHash, attempt }: RequestKey): number {
  // Negative numbers are nobody's calls.
  return attempt === 1 ? callPathHash : extendCallPath(callPathHash, -1 - attempt);
}
