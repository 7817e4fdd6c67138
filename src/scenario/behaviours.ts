import type { PodFacts } from '#mesh/cluster/pod-facts.ts';
import { type Behaviour, DEFAULT_BEHAVIOUR } from '#world/behaviour.ts';
import { type CompiledBehaviour, compileBehaviour } from '#world/compiled-behaviour.ts';
import type { Named } from './file/shape.ts';
import type { BehaviourSettings, ExternalSettings } from './file/workload-keys.ts';

const NO_SETTINGS: BehaviourSettings = {
  latency: undefined,
  concurrency: undefined,
  queue: undefined,
  overloadStatus: undefined,
  queueOrder: undefined,
  maxWaitNs: undefined,
  stopsForCaller: undefined,
  slowdownShare: undefined,
  cpuCores: undefined,
  warmup: undefined,
  pauses: undefined,
  listensLocally: undefined,
  keepAliveNs: undefined,
  errors: undefined,
  calls: undefined,
  forward: undefined,
};

/** How everybody behaves at the moment: the base `*`, workloads, single pods, hosts outside. */
export class Behaviours {
  readonly #seed: number;
  #base: BehaviourSettings = NO_SETTINGS;
  readonly #workloads = new Map<string, BehaviourSettings>();
  /** By `namespace/workload`, then by pod name. */
  readonly #pods = new Map<string, Map<string, BehaviourSettings>>();
  readonly #external = new Map<string, BehaviourSettings>();
  /** Hosts outside whose names cannot be resolved. */
  readonly #unresolved = new Set<string>();
  readonly #compiled = new Map<string, CompiledBehaviour>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  setBase(settings: BehaviourSettings): void {
    this.#base = over(this.#base, settings);
    this.#compiled.clear();
  }

  /** `workload` is `namespace/name`. Keys that `settings` leaves out stay as they are. */
  setWorkload(workload: string, settings: BehaviourSettings): void {
    this.#workloads.set(workload, over(this.#workloads.get(workload) ?? NO_SETTINGS, settings));
    this.#compiled.clear();
  }

  /** Of single pods, likewise. */
  setPods(workload: string, pods: ReadonlyMap<string, Named<BehaviourSettings>>): void {
    const known = this.#pods.get(workload) ?? new Map<string, BehaviourSettings>();
    for (const [pod, { value }] of pods) known.set(pod, over(known.get(pod) ?? NO_SETTINGS, value));
    if (known.size > 0) this.#pods.set(workload, known);
    this.#compiled.clear();
  }

  setExternal(host: string, settings: ExternalSettings): void {
    if (settings.dns === 'fail') this.#unresolved.add(host);
    else if (settings.dns === 'ok') this.#unresolved.delete(host);
    this.#external.set(host, over(this.#external.get(host) ?? NO_SETTINGS, settings));
    this.#compiled.delete(`external/${host}`);
  }

  ofPod(pod: PodFacts): CompiledBehaviour {
    const workload = `${pod.namespace}/${pod.workload}`;
    const own = this.#pods.get(workload)?.get(pod.name);
    const owner = own === undefined ? `workload/${workload}` : `pod/${pod.namespace}/${pod.name}`;
    return this.#cached(owner, () => {
      const settings = over(this.#base, this.#workloads.get(workload) ?? NO_SETTINGS);
      return behaviourOf(own === undefined ? settings : over(settings, own), DEFAULT_BEHAVIOUR);
    });
  }

  ofExternal(host: string): CompiledBehaviour {
    return this.#cached(`external/${host}`, () =>
      behaviourOf(this.#external.get(host) ?? NO_SETTINGS, DEFAULT_EXTERNAL),
    );
  }

  /** Whether the outside's DNS knows a host. */
  resolves(host: string): boolean {
    return !this.#unresolved.has(host);
  }

  #cached(owner: string, make: () => Behaviour): CompiledBehaviour {
    let compiled = this.#compiled.get(owner);
    if (compiled === undefined) {
      compiled = compileBehaviour(make(), owner, this.#seed);
      this.#compiled.set(owner, compiled);
    }
    return compiled;
  }
}

/** A host outside of which the scenario says nothing. */
const DEFAULT_EXTERNAL: Behaviour = {
  ...DEFAULT_BEHAVIOUR,
  latency: { kind: 'constant', ns: 20_000_000 },
};

/** Key by key; each value as a whole. */
function over(base: BehaviourSettings, top: BehaviourSettings): BehaviourSettings {
  return {
    latency: top.latency ?? base.latency,
    concurrency: top.concurrency ?? base.concurrency,
    queue: top.queue ?? base.queue,
    overloadStatus: top.overloadStatus ?? base.overloadStatus,
    queueOrder: top.queueOrder ?? base.queueOrder,
    maxWaitNs: top.maxWaitNs ?? base.maxWaitNs,
    stopsForCaller: top.stopsForCaller ?? base.stopsForCaller,
    slowdownShare: top.slowdownShare ?? base.slowdownShare,
    cpuCores: top.cpuCores ?? base.cpuCores,
    warmup: top.warmup ?? base.warmup,
    pauses: top.pauses ?? base.pauses,
    listensLocally: top.listensLocally ?? base.listensLocally,
    keepAliveNs: top.keepAliveNs ?? base.keepAliveNs,
    errors: top.errors ?? base.errors,
    calls: top.calls ?? base.calls,
    forward: top.forward ?? base.forward,
  };
}

function behaviourOf(settings: BehaviourSettings, fallback: Behaviour): Behaviour {
  return {
    latency: settings.latency?.latency ?? fallback.latency,
    latencyBy: settings.latency?.rules ?? fallback.latencyBy,
    concurrency: settings.concurrency ?? fallback.concurrency,
    queue: settings.queue ?? fallback.queue,
    overloadStatus: settings.overloadStatus ?? fallback.overloadStatus,
    queueOrder: settings.queueOrder ?? fallback.queueOrder,
    maxWaitNs: settings.maxWaitNs ?? fallback.maxWaitNs,
    stopsForCaller: settings.stopsForCaller ?? fallback.stopsForCaller,
    slowdownShare: settings.slowdownShare ?? fallback.slowdownShare,
    cpuCores: settings.cpuCores ?? fallback.cpuCores,
    warmup: settings.warmup ?? fallback.warmup,
    pauses: settings.pauses ?? fallback.pauses,
    listensLocally: settings.listensLocally ?? fallback.listensLocally,
    keepAliveNs: settings.keepAliveNs ?? fallback.keepAliveNs,
    errors: settings.errors ?? fallback.errors,
    calls: settings.calls ?? fallback.calls,
    forward: settings.forward ?? fallback.forward,
  };
}
