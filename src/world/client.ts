import type { HttpResponse, RequestKey } from '#envoy/network.ts';
import { assert } from '#kernel/assert.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import { streamHash } from '#kernel/keyed-random.ts';
import type { Random } from '#kernel/random.ts';
import { type ClientId, ClientRequest, NONE, type Recorder } from '#telemetry/recorder.ts';
import { type FlagSequence, withFlag } from '#telemetry/response-flags.ts';
import { ArrivalProcess } from './arrivals.ts';
import type { ClientPlan, Load } from './load.ts';
import type { Outbound } from './outbound.ts';
import { OutboundPool } from './outbound-pool.ts';
import { type OutboundFailure, type OutboundOwner, OutboundRequest } from './outbound-request.ts';
import { type DrawnRequest, RequestDraw } from './request-draw.ts';

/** What a client needs of the run. */
export interface ClientWorld {
  readonly dispatcher: Dispatcher;
  readonly recorder: Recorder;
  readonly seed: number;
  /** Requests start before this moment only. */
  readonly endNs: number;
  randomStream(name: string): Random;
}

/** Where a client's requests start, chosen in turn: its ready pods, or those of a gateway. */
export type ClientOrigins = () => readonly Outbound[];

const ARRIVAL = 0;

/**
 * A load generator. Open loop: requests start when they start. Closed loop: `User`s send, wait, think.
 * Latency counts from the intended start, so waiting for a connection is part of it.
 */
export class Client implements EventTarget {
  readonly name: string;
  readonly id: ClientId;
  /** Requests that have started. */
  startedCount = 0;
  readonly #world: ClientWorld;
  readonly #streamHash: number;
  readonly #origins: ClientOrigins;
  readonly #arrivalRandom: Random;
  #draw: RequestDraw;
  #timeoutNs: number | undefined;
  #arrivals: ArrivalProcess | undefined = undefined;
  #replay: readonly number[] = [];
  #replayIndex = 0;
  #limit = Number.POSITIVE_INFINITY;
  /** Counts changes of the load, so that events of a former one are told. */
  #generation = 0;
  #turn = 0;
  #users: User[] = [];
  readonly #free: ClientExchange[] = [];
  readonly #open: ClientExchange[] = [];

  constructor(
    name: string,
    id: ClientId,
    plan: ClientPlan,
    origins: ClientOrigins,
    world: ClientWorld,
  ) {
    this.name = name;
    this.id = id;
    this.#world = world;
    this.#origins = origins;
    this.#streamHash = streamHash(world.seed, `client/${name}`);
    this.#arrivalRandom = world.randomStream(`client/${name}/arrivals`);
    this.#draw = new RequestDraw(plan.requests, name, world.seed);
    this.#timeoutNs = plan.timeoutNs;
    this.setLoad(plan.load);
  }

  /** Requests that have no answer yet. */
  get openCount(): number {
    return this.#open.length;
  }

  /** The load from now on; what is under way goes on. */
  setLoad(load: Load): void {
    this.#generation++;
    for (const user of this.#users) user.leave();
    this.#users = [];
    this.#arrivals = undefined;
    this.#replay = [];
    if (load.kind === 'open') {
      this.#limit = this.startedCount + load.requestCount;
      const nowNs = this.#world.dispatcher.nowNs;
      this.#arrivals = new ArrivalProcess(load.stages, load.arrivals, nowNs, this.#arrivalRandom);
      this.#scheduleArrival();
    } else if (load.kind === 'replay') {
      this.#limit = Number.POSITIVE_INFINITY;
      this.#replay = load.atNs;
      this.#replayIndex = 0;
      this.#scheduleArrival();
    } else {
      this.#limit = this.startedCount + load.requestCount;
      for (let index = 0; index < load.userCount; index++)
        this.#users.push(new User(this, this.#world.dispatcher, load.thinkNs));
    }
  }

  setRequests(requests: ClientPlan['requests']): void {
    this.#draw = new RequestDraw(requests, this.name, this.#world.seed);
  }

  /** An arrival of the open loop. `event` is the generation it belongs to. */
  onEvent(event: number, nowNs: number): void {
    if (event !== this.#generation) return;
    if (this.startedCount >= this.#limit) return;
    this.#scheduleArrival();
    this.#start(undefined, nowNs);
  }

  /** A user's next request; false when the client has sent all it should. */
  startFor(user: User, nowNs: number): boolean {
    if (this.startedCount >= this.#limit || nowNs >= this.#world.endNs) return false;
    this.#start(user, nowNs);
    return true;
  }

  /** Counts round the origins. */
  nextTurn(): number {
    return this.#turn++;
  }

  /** Reports what has no answer: the run is over. */
  reportUnfinished(): void {
    const open = [...this.#open].sort((a, b) => a.rootNumber - b.rootNumber);
    for (const exchange of open)
      this.#world.recorder.unfinished(this.id, exchange.rootNumber, exchange.intendedNs);
  }

  /** An exchange is over; it can be used again. */
  finished(exchange: ClientExchange): void {
    const last = this.#open.pop()!;
    if (last !== exchange) {
      this.#open[exchange.index] = last;
      last.index = exchange.index;
    }
    this.#free.push(exchange);
  }

  #scheduleArrival(): void {
    const { dispatcher, endNs } = this.#world;
    const nextNs = this.#nextArrivalNs();
    if (nextNs < endNs)
      dispatcher.scheduleAt(Math.max(dispatcher.nowNs, nextNs), this, this.#generation);
  }

  #nextArrivalNs(): number {
    if (this.#arrivals !== undefined) return Math.floor(this.#arrivals.nextNs());
    return this.#replay[this.#replayIndex++] ?? Number.POSITIVE_INFINITY;
  }

  #start(user: User | undefined, nowNs: number): void {
    const exchange = this.#free.pop() ?? new ClientExchange(this, this.#world);
    exchange.index = this.#open.length;
    this.#open.push(exchange);
    this.startedCount++;
    exchange.rootNumber = this.startedCount;
    exchange.streamHash = this.#streamHash;
    const drawn = this.#draw.draw(exchange);
    exchange.begin(user, drawn, this.#timeoutNs, nowNs);
    const pool = user === undefined ? this.#poolFor(drawn) : user.poolFor(drawn, this.#origins);
    exchange.sendOn(pool, nowNs);
  }

  #poolFor(drawn: DrawnRequest): OutboundPool | undefined {
    const origins = this.#origins();
    if (origins.length === 0) return undefined;
    const origin = origins[this.nextTurn() % origins.length]!;
    return origin.pool(drawn.destination, drawn.target);
  }
}

/** One user of a closed loop: a keep-alive connection of its own, one request at a time. */
export class User implements EventTarget {
  readonly #client: Client;
  readonly #dispatcher: Dispatcher;
  readonly #thinkNs: number;
  readonly #pools = new Map<string, { readonly origin: Outbound; readonly pool: OutboundPool }>();
  #hasLeft = false;

  constructor(client: Client, dispatcher: Dispatcher, thinkNs: number) {
    this.#client = client;
    this.#dispatcher = dispatcher;
    this.#thinkNs = thinkNs;
    dispatcher.schedule(0, this, ARRIVAL);
  }

  onEvent(_event: number, nowNs: number): void {
    if (!this.#hasLeft) this.#client.startFor(this, nowNs);
  }

  /** Has its answer: thinks, then goes on. */
  onDone(): void {
    if (!this.#hasLeft) this.#dispatcher.schedule(this.#thinkNs, this, ARRIVAL);
  }

  leave(): void {
    this.#hasLeft = true;
  }

  /** Its own connection to a destination: it stays where it is while its pod is there. */
  poolFor(drawn: DrawnRequest, origins: ClientOrigins): OutboundPool | undefined {
    const known = this.#pools.get(drawn.destination);
    const all = origins();
    if (known !== undefined && all.includes(known.origin)) return known.pool;
    if (all.length === 0) return undefined;
    const origin = all[this.#client.nextTurn() % all.length]!;
    const pool = new OutboundPool(origin.routeTo(drawn.target, () => origin.resolve(drawn.target)));
    this.#pools.set(drawn.destination, { origin, pool });
    return pool;
  }
}

/** One request of a client from its intended start to its end. Pooled; `begin` resets it. */
class ClientExchange implements OutboundOwner, RequestKey {
  rootNumber = 0;
  streamHash = 0;
  readonly callPathHash = 0;
  readonly attempt = 1;
  intendedNs = 0;
  /** Its place among the open ones of the client. */
  index = 0;
  readonly #client: Client;
  readonly #world: ClientWorld;
  readonly #outbound = new OutboundRequest();
  #user: User | undefined = undefined;

  constructor(client: Client, world: ClientWorld) {
    this.#client = client;
    this.#world = world;
  }

  begin(
    user: User | undefined,
    drawn: DrawnRequest,
    timeoutNs: number | undefined,
    nowNs: number,
  ): void {
    this.#user = user;
    this.intendedNs = nowNs;
    const outbound = this.#outbound;
    outbound.rootNumber = this.rootNumber;
    outbound.streamHash = this.streamHash;
    outbound.callPathHash = 0;
    outbound.attempt = 1;
    outbound.begin(this, drawn.request);
    if (timeoutNs !== undefined) outbound.startTimeout(this.#world.dispatcher, timeoutNs);
  }

  /** Undefined: no pod to send from, or to send to. */
  sendOn(pool: OutboundPool | undefined, nowNs: number): void {
    if (pool === undefined) this.#outbound.fail('unreachable', nowNs);
    else pool.send(this.#outbound, nowNs);
  }

  onAnswer(outbound: OutboundRequest, response: HttpResponse, nowNs: number): void {
    this.#finish(response.status, 0, outbound.row, nowNs);
  }

  onFailure(outbound: OutboundRequest, failure: OutboundFailure, nowNs: number): void {
    this.#finish(0, flagsOfFailure(failure), outbound.row, nowNs);
  }

  #finish(code: number, flags: FlagSequence, row: number, nowNs: number): void {
    assert(nowNs >= this.intendedNs, 'time never runs back');
    RECORD.client = this.#client.id;
    RECORD.number = this.rootNumber;
    RECORD.intendedNs = this.intendedNs;
    RECORD.endNs = nowNs;
    RECORD.code = code;
    RECORD.flags = flags;
    RECORD.attempts = this.#outbound.attempts;
    RECORD.row = row;
    const { recorder } = this.#world;
    recorder.clientRequest(RECORD);
    if (recorder.wantsTrace) this.#trace(code, nowNs);
    const user = this.#user;
    this.#user = undefined;
    this.#client.finished(this);
    user?.onDone();
  }

  #trace(code: number, endNs: number): void {
    const { rootNumber, streamHash, callPathHash, attempt, intendedNs: startNs } = this;
    const key = { rootNumber, streamHash, callPathHash, attempt };
    const at = this.#client.name;
    this.#world.recorder.span({ kind: 'client', ...key, at, startNs, endNs, detail: String(code) });
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
