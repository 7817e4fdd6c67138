/**
 * How a pod ends once it was deleted. It has left the endpoints already; proxies hear of that later.
 *
 *     app      ── preStop ──▶ SIGTERM: no new connections, finishes what it has ──▶ gone
 *     sidecar  ── preStop ──▶ SIGTERM: drains (answers say `connection: close`) ── 5 s ──▶ gone
 *     native   ── drains ─────────────── until the application is gone ── 5 s ──▶ gone
 *     all      ── terminationGracePeriodSeconds ──▶ SIGKILL
 *
 * A sidecar that is no native one waits for nobody: a preStop hook longer than its drain leaves the
 * application without a way in or out, unless the sidecar has a hook of its own, or
 * `EXIT_ON_ZERO_ACTIVE_CONNECTIONS`: then it looks every second, from `MINIMUM_DRAIN_DURATION` on, whether
 * anybody is still connected. A native one is told to drain by its preStop hook, at once.
 *
 * @source istio: pkg/envoy/agent.go, Agent.terminate
 */
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import type { AgentSettings, PodShutdown } from './cluster/pod-shutdown.ts';
import type { PodRuntime } from './pod-runtime.ts';

/** What an application does on SIGTERM: finishes what it has, exits at once, or takes no notice. */
export type OnTerm = 'finish' | 'exit' | 'ignore';

/** What the scenario says of how a workload's pods begin and end; undefined = as the manifests do. */
export interface Lifecycle {
  readonly readyNs: number | undefined;
  readonly preStopNs: number | undefined;
  readonly sidecarPreStopNs: number | undefined;
  readonly graceNs: number | undefined;
  readonly drainNs: number | undefined;
  readonly isSidecarNative: boolean | undefined;
  readonly onTerm: OnTerm | undefined;
}

export const NO_LIFECYCLE: Lifecycle = {
  readyNs: undefined,
  preStopNs: undefined,
  sidecarPreStopNs: undefined,
  graceNs: undefined,
  drainNs: undefined,
  isSidecarNative: undefined,
  onTerm: undefined,
};

/** What the mesh's own configuration says of the end of sidecars. */
export interface MeshDrain {
  readonly drainNs: number | undefined;
  /** Of pods that do not say so themselves. */
  readonly isSidecarNative: boolean;
  readonly agent: AgentSettings;
}

/** Istio's `terminationDrainDuration`. */
const DEFAULT_DRAIN_NS = 5e9;
const DEFAULT_MINIMUM_DRAIN_NS = 5e9;
const CONNECTION_CHECK_NS = 1e9;

const TERM = 0;
const SIDECAR_GONE = 1;
const KILL = 2;
const SIDECAR_TERM = 3;
const CHECK_CONNECTIONS = 4;

/** One pod on its way out. */
export class PodTermination implements EventTarget {
  readonly #pod: PodRuntime;
  readonly #dispatcher: Dispatcher;
  readonly #drainNs: number;
  /** From the sidecar's SIGTERM to its first look at connections; undefined = it does not look. */
  readonly #minimumDrainNs: number | undefined;
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
    mesh: MeshDrain,
    dispatcher: Dispatcher,
    onGone: (nowNs: number) => void,
  ) {
    this.#pod = pod;
    this.#dispatcher = dispatcher;
    this.#onGone = onGone;
    this.#drainNs = wanted.drainNs ?? written.drainNs ?? mesh.drainNs ?? DEFAULT_DRAIN_NS;
    this.#minimumDrainNs = minimumDrainNs(written.agent, mesh.agent);
    this.#isNative = wanted.isSidecarNative ?? written.isSidecarNative ?? mesh.isSidecarNative;
    this.#onTerm = wanted.onTerm ?? 'finish';
    const { proxy } = pod.facts;
    this.#isSidecarGone = proxy === 'none';
    dispatcher.schedule(wanted.graceNs ?? written.graceNs, this, KILL);
    if (proxy !== 'none') this.#startSidecar(wanted.sidecarPreStopNs ?? written.sidecarPreStopNs);
    if (proxy === 'gateway') this.#isAppGone = true;
    else this.#later(wanted.preStopNs ?? written.preStopNs, TERM);
  }

  onEvent(event: number, nowNs: number): void {
    if (this.#isOver) return;
    switch (event) {
      case TERM:
        this.#terminateApp(nowNs);
        return;
      case SIDECAR_TERM:
        this.#terminateSidecar();
        return;
      case CHECK_CONNECTIONS:
        if ((this.#pod.startedProxy?.connectionCount ?? 0) === 0) this.#sidecarGone(nowNs);
        else this.#dispatcher.schedule(CONNECTION_CHECK_NS, this, CHECK_CONNECTIONS);
        return;
      case SIDECAR_GONE:
        this.#sidecarGone(nowNs);
        return;
      default:
        this.#end(nowNs);
    }
  }

  /** Its hook, then SIGTERM; a native sidecar drains while the application goes on. */
  #startSidecar(preStopNs: number): void {
    if (this.#isNative && this.#pod.facts.proxy === 'sidecar') this.#pod.startedProxy?.drain();
    else this.#later(preStopNs, SIDECAR_TERM);
  }

  #terminateSidecar(): void {
    this.#pod.startedProxy?.drain();
    if (this.#minimumDrainNs === undefined) this.#later(this.#drainNs, SIDECAR_GONE);
    else
      this.#dispatcher.schedule(
        this.#minimumDrainNs + CONNECTION_CHECK_NS,
        this,
        CHECK_CONNECTIONS,
      );
  }

  /** At once if there is nothing to wait for. */
  #later(delayNs: number, event: number): void {
    if (delayNs > 0) this.#dispatcher.schedule(delayNs, this, event);
    else this.onEvent(event, this.#dispatcher.nowNs);
  }

  #sidecarGone(nowNs: number): void {
    this.#isSidecarGone = true;
    this.#pod.stopProxy(nowNs);
    this.#endIfGone(nowNs);
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
    if (!this.#isSidecarGone && this.#isNative) this.#terminateSidecar();
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

/** Undefined = the sidecar takes no notice of connections. */
function minimumDrainNs(own: AgentSettings, mesh: AgentSettings): number | undefined {
  if (!(own.exitsOnZeroConnections ?? mesh.exitsOnZeroConnections ?? false)) return undefined;
  return own.minimumDrainNs ?? mesh.minimumDrainNs ?? DEFAULT_MINIMUM_DRAIN_NS;
}
