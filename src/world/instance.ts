import { HeaderMap } from '#envoy/http/header-map.ts';
import type {
  Acceptor,
  AcceptResult,
  ConnectOptions,
  Exchange,
  HttpResponse,
  ServerConnection,
  ServerHandler,
} from '#envoy/network.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import { keyedUniform } from '#kernel/keyed-random.ts';
import type { GaugeId, Recorder } from '#telemetry/recorder.ts';
import type { CallRun } from './call-run.ts';
import type { CompiledBehaviour } from './compiled-behaviour.ts';
import { CpuShare } from './cpu-share.ts';
import { KeepAlive } from './keep-alive.ts';
import { isWithinPod } from './network.ts';
import type { Outbound } from './outbound.ts';
import { ServedRequest, type ServedRequestPool, type Serving } from './served-request.ts';
import { WireConnection } from './wire-connection.ts';

/** What all instances of a run share. */
export interface InstanceWorld {
  readonly dispatcher: Dispatcher;
  readonly served: ServedRequestPool;
  /** Where spans go; undefined = nobody wants them. */
  readonly tracer: Recorder | undefined;
}

const SWEEP = 0;

/** Where an instance tells how many requests it has. A gauge is made when it is first moved. */
export interface QueueGauge {
  readonly recorder: Recorder;
  /** Of those that wait. */
  queueId(): GaugeId;
  /** Of those that are worked on; undefined = nobody wants to know. */
  readonly servingId: (() => GaugeId) | undefined;
}

/** What an instance counts: gauges of its waiting room and of its work. */
export interface InstanceStats {
  servedCount: number;
  overloadCount: number;
  maxQueueLength: number;
  /** Time-weighted sum of the queue's length, for its mean. */
  queueTimeNs: number;
  /** Time that requests were worked on, where no processor is shared. */
  workNs: number;
}

/**
 * One running copy of an application: it takes connections at its address, serves as many requests at
 * once as its concurrency allows, lets the others wait in order of arrival, and answers.
 *
 *     arrived ─▶ waiting ─▶ working (latency) ─▶ calling ─▶ answered
 *         └──▶ overload (the waiting room is full)
 *
 * The slot is held from the start of work until the answer. A caller that gives up does not stop the
 * work: applications rarely notice.
 */
export class Instance implements Acceptor, ServerHandler, Serving, EventTarget {
  declare readonly name: string;
  declare readonly dispatcher: Dispatcher;
  declare readonly tracer: Recorder | undefined;
  declare readonly outbound: Outbound;
  /** Undefined = nobody wants to know. */
  queueGauge: QueueGauge | undefined = undefined;
  declare behaviour: CompiledBehaviour;
  readonly stats: InstanceStats = {
    servedCount: 0,
    overloadCount: 0,
    maxQueueLength: 0,
    queueTimeNs: Number.NaN,
    workNs: Number.NaN,
  };
  declare readonly startedNs: number;
  declare readonly streamHash: number;
  #cpu: CpuShare | undefined = undefined;
  /** Of connections that the application would close. */
  readonly #keepAlives = new Map<ServerConnection, KeepAlive>();
  activeCount = 0;
  queueLength = 0;
  declare private readonly served: ServedRequestPool;
  #isAlive = true;
  #onStopped: ((nowNs: number) => void) | undefined = undefined;
  #queueHead: ServedRequest | undefined = undefined;
  #queueTail: ServedRequest | undefined = undefined;
  #queueSinceNs = Number.NaN;
  #queueId: GaugeId | undefined = undefined;
  #servingId: GaugeId | undefined = undefined;
  #connectionCount = 0;
  readonly #connections = new Set<ServerConnection>();

  constructor(
    name: string,
    world: InstanceWorld,
    behaviour: CompiledBehaviour,
    outbound: Outbound,
  ) {
    this.#queueSinceNs = 0;
    this.stats.queueTimeNs = 0;
    this.stats.workNs = 0;
    this.name = name;
    this.dispatcher = world.dispatcher;
    this.tracer = world.tracer;
    this.served = world.served;
    this.behaviour = behaviour;
    this.outbound = outbound;
    this.streamHash = outbound.streamHash;
    const { nowNs } = world.dispatcher;
    // Who is there at the start has been there for long.
    this.startedNs = nowNs === 0 ? Number.NEGATIVE_INFINITY : nowNs;
  }

  accept(connection: ServerConnection, options: ConnectOptions): AcceptResult {
    if (!this.#isAlive || this.#onStopped !== undefined) return 'refuse';
    if (this.behaviour.listensLocally && !isWithinPod(options.originalDestination)) return 'refuse';
    this.#connectionCount++;
    const { refuseShare } = this.behaviour;
    if (refuseShare > 0 && this.#refusalDraw() < refuseShare) return 'refuse';
    this.#connections.add(connection);
    if (this.behaviour.keepAliveNs > 0) this.connectionIdle(connection);
    return this;
  }

  onRequest(exchange: Exchange, nowNs: number): void {
    const { concurrency, queue } = this.behaviour;
    if (this.#keepAlives.size > 0 && this.#comesTooLate(exchange)) return;
    const served = this.served.take();
    served.begin(this, exchange, nowNs);
    exchange.serverState = served;
    if (this.activeCount < concurrency) {
      this.activeCount++;
      if (this.queueGauge?.servingId !== undefined) this.#tellServing(nowNs);
      served.startWork(nowNs);
    } else if (this.queueLength < queue) this.#enqueue(served, nowNs);
    else {
      this.stats.overloadCount++;
      this.#turnAwayOne(served, nowNs).answerAtOnce(this.behaviour.overloadStatus);
    }
  }

  onRequestReset(exchange: Exchange, nowNs: number): void {
    const served = exchange.serverState;
    exchange.serverState = undefined;
    if (served instanceof ServedRequest) served.abandon(nowNs);
  }

  onClientClose(connection: ServerConnection): void {
    this.#connections.delete(connection);
    this.#keepAlives.get(connection)?.busy();
    this.#keepAlives.delete(connection);
    if (this.#onStopped !== undefined) this.dispatcher.schedule(0, this, SWEEP);
  }

  /** A slot is free again: the longest waiting request gets it. */
  freeSlot(nowNs: number): void {
    this.stats.servedCount++;
    if (this.#onStopped !== undefined) this.dispatcher.schedule(0, this, SWEEP);
    const next =
      this.activeCount > this.behaviour.concurrency ? undefined : this.#nextInQueue(nowNs);
    if (next === undefined) {
      this.activeCount--;
      if (this.queueGauge?.servingId !== undefined) this.#tellServing(nowNs);
    } else next.startWork(nowNs);
  }

  /** Who is served next; those who have waited too long are turned away. */
  #nextInQueue(nowNs: number): ServedRequest | undefined {
    for (let next = this.#queueHead; next !== undefined; next = this.#queueHead) {
      this.leaveQueue(next);
      if (nowNs - next.sinceNs <= this.behaviour.maxWaitNs) return next;
      this.stats.overloadCount++;
      next.answerAtOnce(this.behaviour.overloadStatus);
    }
    return undefined;
  }

  leaveQueue(served: ServedRequest): void {
    const { nowNs } = this.dispatcher;
    this.#countQueueTime(nowNs);
    const { next, previous } = served;
    if (previous === undefined) this.#queueHead = next;
    else previous.next = next;
    if (next === undefined) this.#queueTail = previous;
    else next.previous = previous;
    served.next = undefined;
    served.previous = undefined;
    this.queueLength--;
    this.#tellQueue(nowNs);
  }

  /** The processor that its requests share. */
  get cpu(): CpuShare {
    const { cpuCores } = this.behaviour;
    this.#cpu ??= new CpuShare(this.dispatcher, cpuCores);
    this.#cpu.setCores(cpuCores);
    return this.#cpu;
  }

  /** Processor time used so far: what requests take by themselves, calls not counted. */
  get workNs(): number {
    return this.stats.workNs + (this.#cpu?.busyUntilNow() ?? 0);
  }

  connectionIdle(connection: ServerConnection): void {
    const { keepAliveNs } = this.behaviour;
    if (keepAliveNs === 0 || !this.#connections.has(connection)) return;
    let keepAlive = this.#keepAlives.get(connection);
    if (keepAlive === undefined) {
      keepAlive = new KeepAlive(connection, this.dispatcher);
      this.#keepAlives.set(connection, keepAlive);
    }
    keepAlive.idle(keepAliveNs);
  }

  /** The connection is being closed: the request is lost with it. */
  #comesTooLate({ server }: Exchange): boolean {
    const keepAlive = this.#keepAlives.get(server);
    keepAlive?.busy();
    return keepAlive?.isClosing === true;
  }

  /** The room is full: the newcomer has to go, or the oldest where the newest is served first. */
  #turnAwayOne(newcomer: ServedRequest, nowNs: number): ServedRequest {
    const oldest = this.#queueTail;
    if (!this.behaviour.isLifo || oldest === undefined) return newcomer;
    this.leaveQueue(oldest);
    this.#enqueue(newcomer, nowNs);
    return oldest;
  }

  /**
   * Shuts down as servers do on SIGTERM: takes no more connections, closes idle ones, finishes what is
   * under way, then calls `onStopped` and is dead.
   */
  stop(onStopped: (nowNs: number) => void): void {
    if (!this.#isAlive) return;
    this.#onStopped = onStopped;
    this.dispatcher.schedule(0, this, SWEEP);
  }

  /** While it shuts down: closes connections that have become idle. */
  onEvent(_event: number, nowNs: number): void {
    if (!this.#isAlive) return;
    for (const connection of [...this.#connections]) {
      if (connection instanceof WireConnection && connection.isServing) continue;
      this.#connections.delete(connection);
      connection.hangUp();
    }
    if (this.activeCount > 0 || this.queueLength > 0 || this.#connections.size > 0) return;
    this.kill();
    this.#onStopped?.(nowNs);
  }

  /** Dies at once: connections are reset, nothing is accepted any more, work under way is lost. */
  kill(): void {
    this.#isAlive = false;
    for (const connection of this.#connections) connection.hangUp();
    this.#connections.clear();
    this.#queueHead = undefined;
    this.#queueTail = undefined;
    this.queueLength = 0;
    this.activeCount = 0;
    if (this.#queueId !== undefined) this.#tellQueue(this.dispatcher.nowNs);
    if (this.#servingId !== undefined) this.#tellServing(this.dispatcher.nowNs);
  }

  takeCallRun(): CallRun {
    return this.outbound.takeCallRun();
  }

  giveServed(served: ServedRequest): void {
    this.served.give(served);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** The shared answer of a status. */
  responseOf(status: number): HttpResponse {
    let response = RESPONSES.get(status);
    if (response === undefined) {
      response = { status, headers: new HeaderMap(), bodyBytes: 0, bodyText: '' };
      RESPONSES.set(status, response);
    }
    return response;
  }

  #enqueue(served: ServedRequest, nowNs: number): void {
    this.#countQueueTime(nowNs);
    if (this.behaviour.isLifo) this.#putFirst(served);
    else this.#putLast(served);
    this.queueLength++;
    if (this.queueLength > this.stats.maxQueueLength) this.stats.maxQueueLength = this.queueLength;
    this.#tellQueue(nowNs);
  }

  #putLast(served: ServedRequest): void {
    served.previous = this.#queueTail;
    if (this.#queueTail === undefined) this.#queueHead = served;
    else this.#queueTail.next = served;
    this.#queueTail = served;
  }

  #putFirst(served: ServedRequest): void {
    served.next = this.#queueHead;
    if (this.#queueHead === undefined) this.#queueTail = served;
    else this.#queueHead.previous = served;
    this.#queueHead = served;
  }

  #tellQueue(nowNs: number): void {
    const gauge = this.queueGauge;
    if (gauge === undefined) return;
    this.#queueId ??= gauge.queueId();
    gauge.recorder.setGauge(this.#queueId, this.queueLength, nowNs);
  }

  #tellServing(nowNs: number): void {
    const gauge = this.queueGauge!;
    this.#servingId ??= gauge.servingId!();
    gauge.recorder.setGauge(this.#servingId, this.activeCount, nowNs);
  }

  #countQueueTime(nowNs: number): void {
    this.stats.queueTimeNs += this.queueLength * (nowNs - this.#queueSinceNs);
    this.#queueSinceNs = nowNs;
  }

  /** A connection belongs to no request yet: it is drawn by its number. */
  #refusalDraw(): number {
    return keyedUniform(this.behaviour.refusePurpose, {
      rootNumber: this.#connectionCount,
      streamHash: this.outbound.streamHash,
      callPathHash: 0,
      attempt: 1,
    });
  }
}

/** Answers are immutable and alike for everybody. */
const RESPONSES = new Map<number, HttpResponse>();
