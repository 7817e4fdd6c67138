import type { ConfigPart } from '#envoy/proxy-environment.ts';
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import { ConfigVersion, type Generate } from './config-version.ts';
import type { ContentPool } from './content-pool.ts';
import { PushDelay, type PushTimes } from './push-delay.ts';

/** A proxy as the control plane sees it. */
export interface ConfigSubscriber {
  readonly name: string;
  /** A version has arrived. */
  onVersion(version: ConfigVersion, nowNs: number): void;
}

/** What the control plane serves at a state of the cluster. */
export type GenerateFor = (view: ClusterView) => Generate;

const DEBOUNCED = 0;

/**
 * istiod in time: changes are gathered until they pause (debounce), become one version, and that
 * version reaches each proxy after a delay of its own.
 *
 *     changed ─▶ (100 ms after the last change, at most 10 s after the first) ─▶ version ─▶ each proxy
 *
 * @source istio: pilot/pkg/xds/discovery.go, debounce
 */
export class ControlPlane implements EventTarget {
  readonly #dispatcher: Dispatcher;
  readonly #times: PushTimes;
  readonly #delay: PushDelay;
  readonly #generateFor: GenerateFor;
  readonly #pool: ContentPool;
  readonly #subscribers: ConfigSubscriber[] = [];
  readonly #versions: ConfigVersion[] = [];
  readonly #timer: Timer;
  #pendingView: ClusterView | undefined = undefined;
  #pendingChanges: string[] = [];
  #firstChangeNs = 0;

  constructor(
    dispatcher: Dispatcher,
    times: PushTimes,
    seed: number,
    generateFor: GenerateFor,
    pool: ContentPool,
    view: ClusterView,
  ) {
    this.#dispatcher = dispatcher;
    this.#times = times;
    this.#delay = new PushDelay(times, seed);
    this.#generateFor = generateFor;
    this.#pool = pool;
    this.#timer = dispatcher.createTimer(this, DEBOUNCED);
    // The state at the start is everywhere already.
    this.#versions.push(
      new ConfigVersion(0, Number.NEGATIVE_INFINITY, '', view, generateFor(view), pool),
    );
  }

  /** The newest version; proxies may not have it yet. */
  get latest(): ConfigVersion {
    return this.#versions.at(-1)!;
  }

  /** Every part of a configuration that was made for a proxy so far. */
  get parts(): Iterable<ConfigPart> {
    return this.#pool.parts;
  }

  /** The cluster has changed. `change` says what, in words for the timeline. */
  changed(view: ClusterView, change: string, nowNs: number): void {
    if (this.#pendingView === undefined) this.#firstChangeNs = nowNs;
    this.#pendingView = view;
    this.#pendingChanges.push(change);
    const { debounceNs, maxDebounceNs } = this.#times;
    if (debounceNs === 0) this.onEvent(DEBOUNCED, nowNs);
    else this.#timer.enable(Math.min(debounceNs, this.#firstChangeNs + maxDebounceNs - nowNs));
  }

  /** Changes have paused. */
  onEvent(_event: number, nowNs: number): void {
    const view = this.#pendingView!;
    const number = this.#versions.length;
    const change = this.#pendingChanges.join(', ');
    this.#pendingView = undefined;
    this.#pendingChanges = [];
    const version = new ConfigVersion(
      number,
      nowNs,
      change,
      view,
      this.#generateFor(view),
      this.#pool,
    );
    this.#versions.push(version);
    for (const subscriber of this.#subscribers) this.#send(version, subscriber, nowNs);
  }

  /**
   * A proxy appears. Answers the version that it has at this moment; later ones are on their way. A
   * proxy that is made only now because nobody asked for it before gets what it would have had.
   */
  subscribe(subscriber: ConfigSubscriber, nowNs: number): ConfigVersion {
    this.#subscribers.push(subscriber);
    let current = this.#versions[0]!;
    for (const version of this.#versions) {
      if (this.#arrivalNs(version, subscriber) <= nowNs) current = version;
    }
    for (const version of this.#versions) {
      if (version.number > current.number) this.#send(version, subscriber, nowNs);
    }
    return current;
  }

  /** A proxy that starts anew gets the newest version at once. */
  subscribeFresh(subscriber: ConfigSubscriber): ConfigVersion {
    this.#subscribers.push(subscriber);
    return this.latest;
  }

  unsubscribe(subscriber: ConfigSubscriber): void {
    const index = this.#subscribers.indexOf(subscriber);
    if (index >= 0) this.#subscribers.splice(index, 1);
  }

  #arrivalNs(version: ConfigVersion, subscriber: ConfigSubscriber): number {
    if (version.number === 0) return Number.NEGATIVE_INFINITY;
    return version.leavesNs + this.#delay.ofNs(subscriber.name, version.number);
  }

  #send(version: ConfigVersion, subscriber: ConfigSubscriber, nowNs: number): void {
    const atNs = this.#arrivalNs(version, subscriber);
    if (atNs <= nowNs) subscriber.onVersion(version, nowNs);
    else this.#dispatcher.scheduleAt(atNs, new Delivery(version, subscriber), 0);
  }
}

/** A version on its way to a proxy. */
class Delivery implements EventTarget {
  readonly #version: ConfigVersion;
  readonly #subscriber: ConfigSubscriber;

  constructor(version: ConfigVersion, subscriber: ConfigSubscriber) {
    this.#version = version;
    this.#subscriber = subscriber;
  }

  onEvent(_event: number, nowNs: number): void {
    this.#subscriber.onVersion(this.#version, nowNs);
  }
}
