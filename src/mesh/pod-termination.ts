/**
 * How a pod ends once it was deleted. It has left the endpoints already; proxies hear of that later.
 *
 *     app      ── preStop ──▶ SIGTERM: no new connections, finishes what it has ──▶ gone
 *     sidecar  ── drains (answers say `connection: close`) ── 5 s ──▶ gone
 *     native   ── drains ─────────────── until the application is gone ── 5 s ──▶ gone
 *     all      ── terminationGracePeriodSeconds ──▶ SIGKILL
 *
 * A sidecar that is no native one waits for nobody: a preStop hook longer than its drain leaves the
 * application without a way in or out.
 */
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import type { PodShutdown } from './cluster/pod-shutdown.ts';
import type { PodRuntime } from './pod-runtime.ts';

/** What an application does on SIGTERM: finishes what it has, exits at once, or takes no notice. */
export type OnTerm = 'finish' | 'exit' | 'ignore';

/** What the scenario says of how a workload's pods begin and end; undefined = as the manifests do. */
export interface Lifecycle {
  readonly readyNs: number | undefined;
  readonly preStopNs: number | undefined;
  readonly graceNs: number | undefined;
  readonly drainNs: number | undefined;
  readonly isSidecarNative: boolean | undefined;
  readonly onTerm: OnTerm | undefined;
}

export const NO_LIFECYCLE: Lifecycle = {
  readyNs: undefined,
  preStopNs: undefined,
  graceNs: undefined,
  drainNs: undefined,
  isSidecarNative: undefined,
  onTerm: undefined,
};

/** Istio's `terminationDrainDuration`. */
const DEFAULT_DRAIN_NS = 5e9;

const TERM = 0;
const SIDECAR_GONE = 1;
const KILL = 2;

/** One pod on its way out. */
export class PodTermination implements EventTarget {
  readonly #pod: PodRuntime;
  readonly #dispatcher: Dispatcher;
  readonly #drainNs: number;
  readonly #isNative: boolean;
  readonly #onTerm: OnTerm;
  readonly #onGone: (nowNs: number) => void;
  #isAppGone = false;
  #isSidecarGone: boolean;
  #isOver = false;

  constructor(
    pod: PodRuntime,
    written: PodShutdown,
    wanted: Lifecycle,
    meshDrainNs: number | undefined,
    dispatcher: Dispatcher,
    onGone: (nowNs: number) => void,
  ) {
    this.#pod = pod;
    this.#dispatcher = dispatcher;
    this.#onGone = onGone;
    this.#drainNs = wanted.drainNs ?? written.drainNs ?? meshDrainNs ?? DEFAULT_DRAIN_NS;
    this.#isNative = wanted.isSidecarNative ?? written.isSidecarNative ?? false;
    this.#onTerm = wanted.onTerm ?? 'finish';
    const { proxy } = pod.facts;
    this.#isSidecarGone = proxy === 'none';
    this.#start(
      proxy === 'gateway' ? 0 : (wanted.preStopNs ?? written.preStopNs),
      wanted.graceNs ?? written.graceNs,
    );
  }

  onEvent(event: number, nowNs: number): void {
    if (this.#isOver) return;
    if (event === TERM) this.#terminateApp(nowNs);
    else if (event === SIDECAR_GONE) {
      this.#isSidecarGone = true;
      this.#pod.stopProxy(nowNs);
      this.#endIfGone(nowNs);
    } else this.#end(nowNs);
  }

  #start(preStopNs: number, graceNs: number): void {
    this.#dispatcher.schedule(graceNs, this, KILL);
    if (!this.#isSidecarGone) {
      this.#pod.startedProxy?.drain();
      if (!this.#isNative || this.#pod.facts.proxy === 'gateway')
        this.#dispatcher.schedule(this.#drainNs, this, SIDECAR_GONE);
    }
    if (this.#pod.facts.proxy === 'gateway') this.#isAppGone = true;
    else if (preStopNs > 0) this.#dispatcher.schedule(preStopNs, this, TERM);
    else this.#terminateApp(this.#dispatcher.nowNs);
  }

  #terminateApp(nowNs: number): void {
    const { instance } = this.#pod;
    if (this.#onTerm === 'finish') instance.stop((atNs) => this.#appGone(atNs));
    else if (this.#onTerm === 'exit') {
      instance.kill();
      this.#appGone(nowNs);
    }
  }

  #appGone(nowNs: number): void {
    if (this.#isOver || this.#isAppGone) return;
    this.#isAppGone = true;
    if (!this.#isSidecarGone && this.#isNative)
      this.#dispatcher.schedule(this.#drainNs, this, SIDECAR_GONE);
    this.#endIfGone(nowNs);
  }

  #endIfGone(nowNs: number): void {
    if (this.#isAppGone && this.#isSidecarGone) this.#end(nowNs);
  }

  #end(nowNs: number): void {
    this.#isOver = true;
    this.#onGone(nowNs);
  }
}
