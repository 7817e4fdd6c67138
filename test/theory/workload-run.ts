import type { Exchange, HttpRequest, HttpResponse, ServerConnection } from '#envoy/network.ts';
import { Dispatcher, type EventTarget } from '#kernel/dispatcher.ts';
import { streamHash } from '#kernel/keyed-random.ts';
import { randomStream } from '#kernel/random.ts';
import { ArrivalProcess } from '#world/arrivals.ts';
import { type Behaviour, DEFAULT_BEHAVIOUR } from '#world/behaviour.ts';
import { compileBehaviour } from '#world/compiled-behaviour.ts';
import { Instance } from '#world/instance.ts';
import { Outbound } from '#world/outbound.ts';
import { ServedRequestPool } from '#world/served-request.ts';
import { NO_REQUEST } from '#world/wire-exchange.ts';
import { Choosing } from './choosing.ts';

export interface WorkloadPlan {
  readonly seed: number;
  readonly ratePerSecond: number;
  readonly behaviour: Partial<Behaviour>;
  readonly requestCount: number;
  readonly instanceCount?: number;
  /** How many are drawn for each request, of which the one with the fewest requests gets it. */
  readonly choiceCount?: number;
}

/** What became of the requests after the warm-up, a tenth of them; times in ms, by number. */
export interface WorkloadOutcome {
  /** Of those that were served. */
  readonly sojournsMs: Float64Array;
  /** 1 = answered with the status of overload. */
  readonly losses: Float64Array;
  /** The number in the system over time: 40 means of equal parts. */
  readonly meanInSystem: readonly number[];
  /** The number that wait, as the instance itself counts it, likewise. */
  readonly meanInQueue: readonly number[];
  readonly instances: readonly Instance[];
}

const PARTS = 40;
const OVERLOAD = 503;

/**
 * Requests that arrive at instances of a workload, memoryless, without proxies or a network between: the
 * arrivals, queues and draws of `src/world` alone, as a queueing model has them.
 */
export function runWorkload(plan: WorkloadPlan): WorkloadOutcome {
  return new WorkloadRun(plan).outcome();
}

class WorkloadRun implements EventTarget, ServerConnection {
  readonly options = {
    protocol: 'http/1.1',
    tls: undefined,
    sourceAddress: '',
    originalDestination: '',
    workerKey: 0,
    sourceProxy: -1,
  } as const;
  readonly #dispatcher = new Dispatcher();
  readonly #plan: WorkloadPlan;
  readonly #arrivals: ArrivalProcess;
  readonly #instances: readonly Instance[];
  /** Undefined = there is one instance. */
  readonly #choosing: Choosing | undefined;
  readonly #free: Arrived[] = [];
  readonly #sojournsMs: Float64Array;
  readonly #losses: Float64Array;
  readonly #warmupCount: number;
  readonly #inSystem: number[] = [];
  readonly #inQueue: number[] = [];
  readonly #streamHash: number;
  #number = 0;
  #served = 0;
  #lost = 0;
  #present = 0;
  #area = 0;
  #sinceNs = 0;
  #queueArea = 0;
  #partStartNs = 0;
  /** The number of the arrival at which the next part begins. */
  #nextPartAt: number;

  constructor(plan: WorkloadPlan) {
    const { seed, ratePerSecond, requestCount, instanceCount = 1, choiceCount } = plan;
    this.#plan = plan;
    const stages = [
      {
        fromPerSecond: ratePerSecond,
        toPerSecond: ratePerSecond,
        durationNs: Number.POSITIVE_INFINITY,
      },
    ];
    const random = randomStream(seed, 'client/load/arrivals');
    const load = { stages, arrivals: 'poisson', burst: undefined } as const;
    this.#arrivals = new ArrivalProcess(load, 0, random);
    this.#streamHash = streamHash(seed, 'client/load');
    const behaviour = compileBehaviour({ ...DEFAULT_BEHAVIOUR, ...plan.behaviour }, 'w', seed);
    const world = {
      dispatcher: this.#dispatcher,
      served: new ServedRequestPool(),
      tracer: undefined,
    };
    this.#instances = Array.from({ length: instanceCount }, (_, index) => {
      const origin = { name: `pod/${index}`, address: '', network: NOWHERE, resolve: () => '' };
      const outbound = new Outbound(origin, this.#dispatcher, seed);
      return new Instance(`${index}`, world, behaviour, outbound);
    });
    this.#choosing =
      choiceCount === undefined ? undefined : new Choosing(instanceCount, choiceCount, seed);
    this.#warmupCount = Math.floor(requestCount / 10);
    this.#nextPartAt = this.#warmupCount;
    this.#sojournsMs = new Float64Array(requestCount);
    this.#losses = new Float64Array(requestCount);
  }

  outcome(): WorkloadOutcome {
    this.#scheduleNext();
    const { requestCount } = this.#plan;
    while (this.#served + this.#lost < requestCount && this.#dispatcher.runNext());
    const counted = this.#sojournsMs.subarray(0, this.#served);
    return {
      sojournsMs: counted.subarray(Math.min(this.#warmupCount, counted.length)),
      losses: this.#losses.subarray(this.#warmupCount, this.#number),
      meanInSystem: this.#inSystem,
      meanInQueue: this.#inQueue,
      instances: this.#instances,
    };
  }

  /** The next request arrives. */
  onEvent(_event: number, nowNs: number): void {
    const { requestCount } = this.#plan;
    this.#note(nowNs);
    if (this.#number === this.#nextPartAt) this.#closePart(nowNs);
    const arrived = this.#free.pop() ?? new Arrived(this);
    arrived.rootNumber = this.#number++;
    arrived.streamHash = this.#streamHash;
    arrived.arrivedNs = nowNs;
    arrived.instance = this.#choosing?.start() ?? 0;
    this.#present++;
    if (this.#number < requestCount) this.#scheduleNext();
    this.#instances[arrived.instance]!.onRequest(arrived, nowNs);
  }

  respond(exchange: Exchange, response: HttpResponse): void {
    if (!(exchange instanceof Arrived)) throw new Error('requests come from here alone');
    const { nowNs } = this.#dispatcher;
    this.#note(nowNs);
    this.#choosing?.end(exchange.instance);
    this.#present--;
    if (response.status === OVERLOAD) {
      this.#lost++;
      this.#losses[exchange.rootNumber] = 1;
    } else this.#sojournsMs[this.#served++] = (nowNs - exchange.arrivedNs) / 1e6;
    this.#free.push(exchange);
  }

  endResponse(): void {}
  resetExchange(): void {}
  hangUp(): void {}
  goAway(): void {}

  #scheduleNext(): void {
    this.#dispatcher.scheduleAt(Math.floor(this.#arrivals.nextNs()), this, 0);
  }

  /** Takes the time since the last change into account. */
  #note(nowNs: number): void {
    this.#area += this.#present * (nowNs - this.#sinceNs);
    this.#sinceNs = nowNs;
  }

  /** The time up to the first of these moments is the warm-up. */
  #closePart(nowNs: number): void {
    const queueArea = this.#instances.reduce((sum, { stats }) => sum + stats.queueTimeNs, 0);
    const lengthNs = nowNs - this.#partStartNs;
    if (this.#number > this.#warmupCount) {
      this.#inSystem.push(this.#area / lengthNs);
      this.#inQueue.push((queueArea - this.#queueArea) / lengthNs);
    }
    this.#queueArea = queueArea;
    this.#area = 0;
    this.#partStartNs = nowNs;
    this.#nextPartAt += Math.floor((this.#plan.requestCount - this.#warmupCount - 1) / PARTS);
  }
}

/** One request at an instance. */
class Arrived implements Exchange {
  readonly request: HttpRequest = NO_REQUEST;
  readonly server: ServerConnection;
  rootNumber = 0;
  streamHash = 0;
  readonly callPathHash = 0;
  readonly attempt = 1;
  upstreamServiceTimeMs = -1;
  attemptCount = 0;
  expectedTimeoutMs = 0;
  row = -1;
  attempts = 0;
  serverState: unknown;
  arrivedNs = 0;
  instance = 0;

  constructor(server: ServerConnection) {
    this.server = server;
  }
}

const NOWHERE = {
  connect(): never {
    throw new Error('nobody is called here');
  },
};
