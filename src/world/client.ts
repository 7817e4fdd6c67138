import type { RequestKey } from '#envoy/network.ts';
import { type Dispatcher, type EventTarget, OWN_CALL } from '#kernel/dispatcher.ts';
import { keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import type { Random } from '#kernel/random.ts';
import type { ClientId, Recorder } from '#telemetry/recorder.ts';
import { ArrivalProcess } from './arrivals.ts';
import { ClientExchange, type ExchangeOwner } from './client-exchange.ts';
import { type LatencySampler, latencySampler } from './latency.ts';
import type { ClientPlan, Load, RecordedRequest, ReplayEntry } from './load.ts';
import type { OutboundPool } from './outbound-pool.ts';
import { RecordedRequests } from './recorded-requests.ts';
import { type DrawnRequest, RequestDraw } from './request-draw.ts';
import { type ClientOrigins, Session, type SessionOwner } from './session.ts';
import { User, type UserOwner } from './user.ts';
import { UserCount } from './user-count.ts';
import { UserPopulation } from './user-population.ts';

/** What a client needs of the run. */
export interface ClientWorld {
  readonly dispatcher: Dispatcher;
  readonly recorder: Recorder;
  readonly seed: number;
  /** Requests start before this moment only. */
  readonly endNs: number;
  /** How long after that the run goes on at most. */
  readonly drainNs: number;
  randomStream(name: string): Random;
}

/** Ends of what is left open come as this event; loads count from 0. */
const GRACE_OVER = -1;

/**
 * A load generator. Open loop: requests start when they start. Closed loop: `User`s send, wait, think.
 * Latency counts from the intended start, so waiting for a connection is part of it.
 */
export class Client implements EventTarget, ExchangeOwner, SessionOwner, UserOwner {
  declare readonly name: string;
  declare readonly id: ClientId;
  declare readonly dispatcher: Dispatcher;
  declare readonly recorder: Recorder;
  declare readonly origins: ClientOrigins;
  declare readonly timeoutNs: number | undefined;
  declare readonly retryCount: number;
  declare readonly backoff: LatencySampler;
  declare readonly backoffPurpose: number;
  declare readonly keepsCookies: boolean;
  /** Requests that have started. */
  startedCount = 0;
  declare private readonly world: ClientWorld;
  declare private readonly streamHash: number;
  declare private readonly thinkPurpose: number;
  declare private readonly arrivalRandom: Random;
  declare private readonly population: UserPopulation | undefined;
  /** Of the population: those who have sent. */
  readonly #sessions = new Map<number, Session>();
  readonly #recorded = new RecordedRequests();
  declare private draw: RequestDraw;
  #arrivals: ArrivalProcess | undefined = undefined;
  #replay: readonly ReplayEntry[] = [];
  #replayIndex = 0;
  /** What the log says of the next arrival. */
  #nextRecorded: RecordedRequest | undefined = undefined;
  /** The number of the last arrival, dropped ones included: it is the key of all draws. */
  #number = 0;
  #limit = Number.POSITIVE_INFINITY;
  #maxOpen = Number.POSITIVE_INFINITY;
  /** Another one for each load, so that events of a former one are told. */
  #generation: number = OWN_CALL.third;
  #turn = 0;
  #userCount: UserCount | undefined = undefined;
  #wantedUsers = 0;
  #users: User[] = [];
  #think: LatencySampler = latencySampler({ kind: 'constant', ns: 0 });
  /** The open ones first, each where its `index` says; behind them those that can be used again, the last first. */
  readonly #exchanges: ClientExchange[] = [];
  #openCount = 0;

  constructor(
    name: string,
    id: ClientId,
    plan: ClientPlan,
    origins: ClientOrigins,
    world: ClientWorld,
  ) {
    const { seed, dispatcher } = world;
    this.name = name;
    this.id = id;
    this.world = world;
    this.dispatcher = dispatcher;
    this.recorder = world.recorder;
    this.origins = origins;
    this.timeoutNs = plan.timeoutNs;
    this.retryCount = plan.retries.count;
    this.backoff = latencySampler(plan.retries.backoff);
    this.backoffPurpose = streamHash(seed, `client/${name}/backoff`);
    this.keepsCookies = plan.keepsCookies;
    this.streamHash = streamHash(seed, `client/${name}`);
    this.thinkPurpose = streamHash(seed, `client/${name}/think`);
    this.arrivalRandom = world.randomStream(`client/${name}/arrivals`);
    this.population = plan.users && new UserPopulation(plan.users, name, seed);
    this.draw = new RequestDraw(plan.requests, name, seed);
    this.setLoad(plan.load);
    if (plan.gracefulStopNs < world.drainNs)
      dispatcher.scheduleAt(world.endNs + plan.gracefulStopNs, this, GRACE_OVER);
  }

  /** Requests that have no answer yet. */
  get openCount(): number {
    return this.#openCount;
  }

  /** The load from now on; what is under way goes on. */
  setLoad(load: Load): void {
    const { nowNs } = this.dispatcher;
    this.#generation += 64;
    for (const user of this.#users) user.leave();
    this.#users = [];
    this.#arrivals = undefined;
    this.#userCount = undefined;
    this.#replay = [];
    this.#maxOpen = load.kind === 'open' ? load.maxOpen : Number.POSITIVE_INFINITY;
    this.#limit =
      load.kind === 'replay' ? Number.POSITIVE_INFINITY : this.#number + load.requestCount;
    if (load.kind === 'open') {
      this.#arrivals = new ArrivalProcess(load, nowNs, this.arrivalRandom);
      this.#scheduleArrival();
    } else if (load.kind === 'replay') {
      this.#replay = load.entries;
      this.#replayIndex = 0;
      this.#scheduleArrival();
    } else {
      this.#think = latencySampler(load.think);
      this.#userCount = new UserCount(load.stages, nowNs);
      this.#scheduleUsers();
    }
  }

  setRequests(requests: ClientPlan['requests']): void {
    this.draw = new RequestDraw(requests, this.name, this.world.seed);
  }

  /** An arrival, or users that come or go. `event` is the generation it belongs to. */
  onEvent(event: number, nowNs: number): void {
    if (event === GRACE_OVER) this.#giveUp();
    else if (event !== this.#generation) return;
    else if (this.#userCount !== undefined) this.#usersChange();
    else if (this.#number < this.#limit) this.#arrive(nowNs);
  }

  startFor(user: User, nowNs: number): boolean {
    if (this.#number >= this.#limit || nowNs >= this.world.endNs) return false;
    this.#number++;
    this.#start(user, user.session, undefined, nowNs);
    return true;
  }

  userDone(user: User, key: RequestKey): void {
    const think = this.#think;
    user.onDone(think.constantNs ?? think.sampleNs(keyedUniform(this.thinkPurpose, key)));
  }

  nextTurn(): number {
    return this.#turn++;
  }

  /** Reports what has no answer: the run is over. */
  reportUnfinished(): void {
    for (const exchange of this.#openByNumber())
      this.recorder.unfinished(this.id, exchange.rootNumber, exchange.intendedNs);
  }

  /** An exchange is over; it can be used again. */
  finished(exchange: ClientExchange): void {
    const end = --this.#openCount;
    const last = this.#exchanges[end]!;
    if (last === exchange) return;
    this.#exchanges[exchange.index] = last;
    last.index = exchange.index;
    this.#exchanges[end] = exchange;
    exchange.index = end;
  }

  poolFor(drawn: DrawnRequest): OutboundPool | undefined {
    const origins = this.origins();
    if (origins.length === 0) return undefined;
    const origin = origins[this.nextTurn() % origins.length]!;
    return origin.pool(drawn.destination, drawn.target);
  }

  #arrive(nowNs: number): void {
    const recorded = this.#nextRecorded;
    this.#scheduleArrival();
    this.#number++;
    if (this.#openCount < this.#maxOpen) this.#start(undefined, undefined, recorded, nowNs);
    else this.recorder.dropped(this.id, nowNs);
  }

  #scheduleArrival(): void {
    const nextNs = this.#nextArrivalNs();
    const { dispatcher } = this;
    if (nextNs < this.world.endNs)
      dispatcher.schedule(Math.max(0, nextNs - dispatcher.nowNs), this, this.#generation);
  }

  #nextArrivalNs(): number {
    if (this.#arrivals !== undefined) return Math.floor(this.#arrivals.nextNs());
    const entry = this.#replay[this.#replayIndex++];
    this.#nextRecorded = entry?.request;
    return entry?.atNs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes every change up to now; the next one is an event. */
  #scheduleUsers(): void {
    const { dispatcher } = this;
    let change = this.#userCount!.next();
    for (
      ;
      change !== undefined && change.atNs <= dispatcher.nowNs;
      change = this.#userCount!.next()
    )
      this.#setUserCount(change.count);
    if (change === undefined) return;
    this.#wantedUsers = change.count;
    if (change.atNs < this.world.endNs) dispatcher.scheduleAt(change.atNs, this, this.#generation);
  }

  #usersChange(): void {
    this.#setUserCount(this.#wantedUsers);
    this.#scheduleUsers();
  }

  /** Who came last leaves first. */
  #setUserCount(count: number): void {
    const users = this.#users;
    while (users.length > count) users.pop()!.leave();
    while (users.length < count) users.push(new User(new Session(users.length, this), this));
  }

  #start(
    user: User | undefined,
    own: Session | undefined,
    recorded: RecordedRequest | undefined,
    nowNs: number,
  ): void {
    const exchange = this.#freeExchange();
    this.startedCount++;
    exchange.rootNumber = this.#number;
    exchange.streamHash = this.streamHash;
    const session = own ?? this.#sessionFor(exchange);
    const drawn = this.draw.draw(exchange, session?.user ?? 0);
    const request = recorded === undefined ? drawn : this.#recorded.over(drawn, recorded);
    exchange.begin(user, session, request, nowNs);
  }

  /** Open from now on. */
  #freeExchange(): ClientExchange {
    const index = this.#openCount++;
    if (index < this.#exchanges.length) return this.#exchanges[index]!;
    const exchange = new ClientExchange(this);
    exchange.index = index;
    this.#exchanges.push(exchange);
    return exchange;
  }

  #sessionFor(key: RequestKey): Session | undefined {
    if (this.population === undefined) return undefined;
    const user = this.population.userOf(key);
    let session = this.#sessions.get(user);
    if (session === undefined) {
      session = new Session(user, this);
      this.#sessions.set(user, session);
    }
    return session;
  }

  /** The time that requests have after the end of the load is over. */
  #giveUp(): void {
    this.reportUnfinished();
    for (const exchange of this.#openByNumber()) exchange.abandon();
  }

  #openByNumber(): readonly ClientExchange[] {
    const open = this.#exchanges.slice(0, this.#openCount);
    return open.sort((a, b) => a.rootNumber - b.rootNumber);
  }
}
