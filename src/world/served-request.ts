import type { Exchange, HttpRequest, HttpResponse, ServerConnection } from '#envoy/network.ts';
import { assert } from '#kernel/assert.ts';
import { type Dispatcher, OWN_CALL } from '#kernel/dispatcher.ts';
import { keyedUniform } from '#kernel/keyed-random.ts';
import type { Recorder, SpanKind } from '#telemetry/recorder.ts';
import type { CallOwner, CallRun } from './call-run.ts';
import { type CompiledBehaviour, type Fate, fateOf, latencyFor } from './compiled-behaviour.ts';
import type { CpuJob, CpuShare } from './cpu-share.ts';
import { stretchedNs, type Worker } from './work-stretch.ts';

/** What a request needs of the instance that serves it. */
export interface Serving extends Worker {
  readonly isAlive: boolean;
  readonly behaviour: CompiledBehaviour;
  readonly dispatcher: Dispatcher;
  readonly name: string;
  readonly tracer: Recorder | undefined;
  readonly cpu: CpuShare;
  readonly stats: { workNs: number };
  takeCallRun(): CallRun;
  /** It waits no longer. */
  leaveQueue(served: ServedRequest): void;
  /** Its connection has nothing to do. */
  connectionIdle(connection: ServerConnection): void;
  responseOf(status: number): HttpResponse;
  /** The request's slot is free. */
  freeSlot(nowNs: number): void;
  giveServed(served: ServedRequest): void;
}

const WORK_DONE = OWN_CALL.second;

/**
 * One request inside an instance, from its arrival to its answer. Pooled: `begin` sets every field.
 * It is also the key of all draws that belong to it.
 */
export class ServedRequest implements CpuJob, CallOwner {
  rootNumber = 0;
  streamHash = 0;
  callPathHash = 0;
  attempt = 0;
  /** The one behind it in the waiting room; of one that is over, the next of its pool. */
  next: ServedRequest | undefined = undefined;
  /** The one before it. */
  previous: ServedRequest | undefined = undefined;
  cpuFinish = 0;
  request: HttpRequest | undefined = undefined;
  instance: Serving | undefined = undefined;
  /** Undefined once the caller gave up. */
  #exchange: Exchange | undefined = undefined;
  #behaviour: CompiledBehaviour | undefined = undefined;
  #fate: Fate = 200;
  /** When it arrived, then when its work began. */
  #sinceNs = Number.NaN;
  #stepIndex = 0;
  #openCalls = 0;
  /** The status that failed calls lead to; 0 = none failed. */
  #callStatus = 0;
  /** Its slot is free already: what comes back finds nobody. */
  #isCancelled = false;
  /** Calls that may have to be given up; undefined where work goes on regardless. */
  #runs: CallRun[] | undefined = undefined;

  begin(instance: Serving, exchange: Exchange, nowNs: number): void {
    this.#sinceNs = nowNs;
    this.rootNumber = exchange.rootNumber;
    this.streamHash = exchange.streamHash;
    this.callPathHash = exchange.callPathHash;
    this.attempt = exchange.attempt;
    this.next = undefined;
    this.previous = undefined;
    this.#behaviour = undefined;
    this.#isCancelled = false;
    this.request = exchange.request;
    this.instance = instance;
    this.#exchange = exchange;
    this.#fate = 200;
    this.#stepIndex = 0;
    this.#openCalls = 0;
    this.#callStatus = 0;
  }

  /** When it arrived, while it waits. */
  get sinceNs(): number {
    return this.#sinceNs;
  }

  /** The caller gave up; the work goes on unless it is to stop. A request that hangs ends here. */
  abandon(nowNs: number): void {
    this.#exchange = undefined;
    if (this.#fate === 'hang') this.#end();
    else if (this.instance!.behaviour.stopsForCaller) this.#cancel(nowNs);
  }

  #cancel(nowNs: number): void {
    const instance = this.instance!;
    if (this.#behaviour === undefined) {
      instance.leaveQueue(this);
      this.#recycle();
      return;
    }
    this.#isCancelled = true;
    if (instance.cpu.remove(this)) this.#recycle();
    else {
      const runs = this.#runs ?? [];
      this.#runs = undefined;
      for (const run of runs) run.cancel(this, nowNs);
    }
    instance.freeSlot(nowNs);
  }

  /** Answers without having held a slot. */
  answerAtOnce(status: number): void {
    const exchange = this.#exchange;
    const instance = this.instance!;
    this.#recycle();
    if (exchange === undefined) return; // Its caller left while it waited.
    const connection = exchange.server;
    connection.respond(exchange, instance.responseOf(status), true);
    instance.connectionIdle(connection);
  }

  /** Has a slot from here on: what counts is how the instance behaves now, not when it arrived. */
  startWork(nowNs: number): void {
    const behaviour = this.instance!.behaviour;
    this.#behaviour = behaviour;
    if (this.instance!.tracer !== undefined) this.#trace('queue', nowNs, '');
    if (behaviour.fates.length > 0)
      this.#fate = fateOf(behaviour, keyedUniform(behaviour.errorPurpose, this));
    if (this.#fate === 'hang') {
      if (this.#exchange === undefined) this.#end(); // The caller left while it was waiting.
      return;
    }
    const { sessionNs } = this.request!;
    // A TCP session with a length of its own lasts as long as its client wants: that is no work.
    if (sessionNs !== undefined) this.#lastFor(sessionNs, nowNs);
    else this.#work(behaviour, nowNs);
  }

  #work(behaviour: CompiledBehaviour, nowNs: number): void {
    const instance = this.instance!;
    const sampler = latencyFor(behaviour, this.request!);
    let ns = sampler.constantNs ?? sampler.sampleNs(keyedUniform(behaviour.latencyPurpose, this));
    if (behaviour.slowness !== undefined) ns = stretchedNs(ns, behaviour.slowness, instance, nowNs);
    if (behaviour.cpuCores !== Number.POSITIVE_INFINITY) instance.cpu.add(this, ns);
    else {
      instance.stats.workNs += ns;
      this.#lastFor(ns, nowNs);
    }
  }

  #lastFor(ns: number, nowNs: number): void {
    if (ns > 0) this.instance!.dispatcher.schedule(ns, this, WORK_DONE);
    else this.onEvent(WORK_DONE, nowNs);
  }

  onEvent(_event: number, nowNs: number): void {
    if (this.#isCancelled === true || this.instance!.isAlive === false)
      this.#recycle(); // Its caller left, or it died with its pod.
    else if (this.#fate === 'reset') this.#reset(nowNs);
    else if (this.#fate !== 200 || this.#behaviour!.steps.length === 0)
      this.#answer(this.#fate === 'hang' ? 200 : this.#fate, nowNs);
    else this.#nextStep(nowNs);
  }

  /** A call of the step under way is over; `status` 0 = it does not matter to the answer. */
  onCallDone(status: number, nowNs: number): void {
    if (status > this.#callStatus) this.#callStatus = status;
    if (--this.#openCalls > 0) return;
    if (this.#isCancelled === true || this.instance!.isAlive === false) this.#recycle();
    else if (this.#callStatus !== 0) this.#answer(this.#callStatus, nowNs);
    else this.#nextStep(nowNs);
  }

  #nextStep(nowNs: number): void {
    const behaviour = this.#behaviour!;
    const step = behaviour.steps[this.#stepIndex];
    if (step === undefined) {
      this.#answer(200, nowNs);
      return;
    }
    this.#stepIndex++;
    this.#openCalls = step.calls.length + 1; // One for us: answers may come before all calls are out.
    const instance = this.instance!;
    if (behaviour.stopsForCaller) this.#runs = [];
    for (const call of step.calls) {
      const run = instance.takeCallRun();
      this.#runs?.push(run);
      run.begin(this, call, behaviour, nowNs);
    }
    this.onCallDone(0, nowNs);
  }

  #answer(status: number, nowNs: number): void {
    const exchange = this.#exchange;
    const instance = this.instance!;
    const response: HttpResponse = instance.responseOf(status);
    const { keepAliveNs } = this.#behaviour!;
    if (instance.tracer !== undefined) this.#trace('service', nowNs, String(status));
    this.#recycle();
    // Who waits comes before whoever the answer sets in motion.
    instance.freeSlot(nowNs);
    if (exchange === undefined) return;
    const connection = exchange.server;
    connection.respond(exchange, response, true);
    if (keepAliveNs > 0) instance.connectionIdle(connection);
  }

  #reset(nowNs: number): void {
    const exchange = this.#exchange;
    const instance = this.instance!;
    if (instance.tracer !== undefined) this.#trace('service', nowNs, 'reset');
    this.#recycle();
    instance.freeSlot(nowNs);
    if (exchange !== undefined) exchange.server.resetExchange(exchange, 'remote-reset');
  }

  /** Tells what has lasted until now; the next piece starts here. */
  #trace(kind: SpanKind, endNs: number, detail: string): void {
    const { rootNumber, streamHash, callPathHash, attempt } = this;
    const { name, tracer } = this.instance!;
    const startNs = this.#sinceNs;
    this.#sinceNs = endNs;
    if (kind === 'queue' && startNs === endNs) return; // It did not wait.
    const key = { rootNumber, streamHash, callPathHash, attempt };
    tracer!.span({ kind, ...key, at: name, startNs, endNs, detail });
  }

  /** A request that hung is over: its caller has left. */
  #end(): void {
    const instance = this.instance!;
    this.#recycle();
    if (instance.isAlive) instance.freeSlot(instance.dispatcher.nowNs);
  }

  #recycle(): void {
    const instance = this.instance;
    assert(instance !== undefined, 'a request ends once');
    if (this.#exchange !== undefined) this.#exchange.serverState = undefined;
    this.#exchange = undefined;
    this.#runs = undefined;
    this.request = undefined;
    this.instance = undefined;
    instance.giveServed(this);
  }
}

/** Finished requests, ready to be used again. */
export class ServedRequestPool {
  /** The first of a chain by `next`. */
  #free: ServedRequest | undefined;

  take(): ServedRequest {
    const served = this.#free;
    if (served === undefined) return new ServedRequest();
    this.#free = served.next;
    return served;
  }

  give(served: ServedRequest): void {
    served.next = this.#free;
    this.#free = served;
  }
}
