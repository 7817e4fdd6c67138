import type { Resource, ResourceOf } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import type { Provenance } from '#istiod/origin.ts';
import type { Dispatcher } from '#kernel/dispatcher.ts';
import type { WorkloadLabels } from '#telemetry/labels.ts';
import type { Recorder } from '#telemetry/recorder.ts';
import type { CompiledBehaviour } from '#world/compiled-behaviour.ts';
import { SimulatedNetwork } from '#world/network.ts';
import type { Traversal } from '#world/network-path.ts';
import type { Outbound } from '#world/outbound.ts';
import { ServedRequestPool } from '#world/served-request.ts';
import { WireTrace } from '#world/wire-trace.ts';
import { AddressBook } from './address-book.ts';
import { type AutoscaledMesh, Autoscaling } from './autoscaling/autoscaling.ts';
import type { ScaledWorkload } from './autoscaling/horizontal-autoscaler.ts';
import { CapturedDns } from './captured-dns.ts';
import { type ClusterView, clusterView } from './cluster/cluster-view.ts';
import type { InjectionRule } from './cluster/injection.ts';
import type { PodRange } from './cluster/pod-builder.ts';
import { type PodFacts, podKey, workloadKey } from './cluster/pod-facts.ts';
import { probedReadyNs } from './cluster/pod-readiness.ts';
import { type ClusterDns, targetPortOf } from './cluster-dns.ts';
import { ContentPool } from './content-pool.ts';
import { ControlPlane } from './control-plane.ts';
import { Elsewhere } from './elsewhere.ts';
import { type EvictingMesh, Evictions } from './evictions.ts';
import { ExternalHosts } from './external-hosts.ts';
import { generatorFor, type IstiodOptions, type Translating } from './generate-config.ts';
import { TRUST_DOMAIN, workloadLabels } from './host-labels.ts';
import { EVERYWHERE, LatencyMap, type NetworkLatencies, type NetworkRule } from './latency-map.ts';
import { isIn, type LostPlace, SILENCE, workloadKeyOf } from './lost-place.ts';
import { meshDrainOf } from './mesh-drain.ts';
import type { OrderedSteps } from './ordered-update.ts';
import { PodRuntime, type PodWorld } from './pod-runtime.ts';
import { EndpointChange, LossNoticed, type PodChanges, Restart } from './pod-steps.ts';
import { type Lifecycle, PodTermination } from './pod-termination.ts';
import { ProxyRuntime, type ProxyWorld } from './proxy-runtime.ts';
import type { PushTimes } from './push-delay.ts';
import { queueGaugeOf } from './queue-gauge.ts';
import { Readiness } from './readiness.ts';
import { RollingUpdate, type RolloutSteps, rolloutLimits } from './rolling-update.ts';
import { isOrdered, StatefulSets } from './stateful-sets.ts';
import type { StreamObservers } from './stream-log.ts';

/** Everything that a mesh is made from. */
export interface MeshOptions {
  readonly seed: number;
  readonly dispatcher: Dispatcher;
  readonly recorder: Recorder;
  readonly epochMs: number;
  readonly network: NetworkLatencies;
  /** The timeline has steps that change the network. */
  readonly networkMayChange: boolean;
  /** What a proxy adds to each request and each answer. */
  readonly traversal: Traversal;
  /** Worker threads of a proxy whose manifest does not say. */
  readonly workerCount: number;
  readonly push: PushTimes;
  readonly readinessDelayNs: number;
  /** How a pod begins and ends where that is not as its manifest says. */
  lifecycleOf(pod: PodFacts): Lifecycle;
  readonly injection: InjectionRule;
  /** Workloads, as `namespace/name`, without a sidecar. */
  readonly withoutSidecar: ReadonlySet<string>;
  readonly istiod: IstiodOptions;
  /** How a pod behaves. */
  behaviourOf(pod: PodFacts): CompiledBehaviour;
  /** How a host outside behaves. */
  externalBehaviourOf(host: string): CompiledBehaviour;
  /** Whether the outside's DNS knows a host at the moment. */
  resolvesOutside(host: string): boolean;
  /** Names of hosts outside that scenario and manifests mention. */
  readonly externalHosts: readonly string[];
  /** Keeps the streams of all proxies; undefined = nobody does. */
  readonly streams?: StreamObservers | undefined;
  /** Whether proxies keep the times that `/stats` prints. */
  readonly keepsHistograms?: boolean | undefined;
  /** How istiod's work is done; undefined = just so. */
  readonly translating?: Translating | undefined;
}

/**
 * The cluster in time: the pods that manifests stand for, their proxies, the control plane that
 * configures them, and the network between them. Objects are applied and deleted, pods are killed and
 * scaled; each change reaches the proxies as it would in life.
 */
export class Mesh implements PodChanges, RolloutSteps, OrderedSteps, AutoscaledMesh, EvictingMesh {
  readonly network: SimulatedNetwork;
  readonly controlPlane: ControlPlane;
  readonly provenance: Provenance;
  readonly readiness: Readiness;
  readonly external: ExternalHosts;
  readonly #options: MeshOptions;
  readonly #latencies: LatencyMap;
  readonly #pods = new Map<string, PodRuntime>();
  readonly #replicas = new Map<string, PodRange>();
  /** By workload: the newest. */
  readonly #rollouts = new Map<string, RollingUpdate>();
  /** Out of the endpoints, and still serving for a while. */
  readonly #terminating = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #podWorld: PodWorld;
  readonly #proxyWorld: ProxyWorld;
  readonly #proxies: ProxyRuntime[] = [];
  readonly #names = new Map<string, string>();
  /** The Services and Gateways by which pods listen. */
  #leading: readonly Resource[] = [];
  #given: ResourceStore;
  #view: ClusterView;
  readonly #addresses: AddressBook;
  #capturedDns: CapturedDns;
  /** Lost with their node; nobody has noticed yet. */
  readonly #lost = new Set<string>();
  /** The number of pods that a workload was scaled to. */
  readonly #wanted = new Map<string, number>();
  readonly #statefulSets: StatefulSets;
  readonly #evictions: Evictions;
  /** Evicted pods by the nodes on which they were made anew. */
  readonly #moved = new Map<string, string>();
  readonly #autoscaling: Autoscaling;
  /** Pods that were killed and came back: their proxies start anew. */
  readonly #restarted = new Set<string>();
  /** Counts changes of the set of pods. */
  #podGeneration = 0;

  constructor(given: ResourceStore, options: MeshOptions) {
    this.#options = options;
    const { dispatcher, seed, traversal, recorder, readinessDelayNs } = options;
    this.readiness = new Readiness(this, dispatcher, readinessDelayNs);
    this.#latencies = new LatencyMap(options.network, options.networkMayChange, seed);
    this.network = new SimulatedNetwork(
      dispatcher,
      this.#latencies,
      recorder.wantsTrace ? new WireTrace(recorder) : undefined,
    );
    const shared = {
      dispatcher,
      served: new ServedRequestPool(),
      tracer: recorder.wantsTrace ? recorder : undefined,
      network: this.network,
      seed,
    };
    this.external = new ExternalHosts(
      { ...shared, behaviourOf: (host) => options.externalBehaviourOf(host) },
      options.externalHosts,
    );
    this.#podWorld = {
      ...shared,
      traversal,
      queueGaugeOf: (pod) => queueGaugeOf(pod, recorder, TRUST_DOMAIN),
      proxyOf: (pod) => this.#startProxy(pod, this.#restarted.has(podKey(pod))),
      capturesDns: (pod) => this.#capturedDns.answersFor(pod),
      resolve: (asker, host, port) => this.#addresses.resolve(asker, host, port),
    };
    this.#given = given;
    this.#view = this.#viewNow();
    this.#capturedDns = new CapturedDns(this.#view, options.istiod);
    this.#addresses = new AddressBook(this.#view, {
      resolvesOutside: (host) => options.resolvesOutside(host),
      seed,
      external: this.external,
      isAlive: (pod) => this.#pods.get(podKey(pod))?.isAlive === true,
      allocatedAddressOf: (host) => this.#capturedDns.addressOf(host),
    });
    this.network.fallback = new Elsewhere(this.#addresses, this.external);
    const pool = new ContentPool();
    this.provenance = pool;
    const generate = generatorFor(options.istiod, options.translating);
    this.controlPlane = new ControlPlane(
      dispatcher,
      options.push,
      seed,
      generate,
      pool,
      this.#view,
    );
    this.#proxyWorld = {
      dispatcher,
      network: this.network,
      recorder,
      controlPlane: this.controlPlane,
      seed,
      epochMs: options.epochMs,
      workerCount: options.workerCount,
      trustDomain: TRUST_DOMAIN,
      labelsOf: (address) => this.#addresses.labelsAt(address),
      nameOf: (pod) => this.#names.get(podKey(pod)) ?? pod.name,
      addressesOf: (name, pod) => this.#addresses.addressesOf(name, pod.namespace),
      streams: options.streams,
      keepsHistograms: options.keepsHistograms ?? false,
    };
    this.#statefulSets = new StatefulSets(this, dispatcher);
    this.#evictions = new Evictions(this, dispatcher);
    this.#autoscaling = new Autoscaling(this, dispatcher);
    this.#settle();
    this.#autoscaling.update(this.#view.store);
  }

  /** The cluster as it is now. */
  get view(): ClusterView {
    return this.#view;
  }

  /** Every proxy that was needed so far. */
  get proxies(): readonly ProxyRuntime[] {
    return this.#proxies;
  }

  /** Changes whenever pods come or go. */
  get podGeneration(): number {
    return this.#podGeneration;
  }

  get pods(): Iterable<PodRuntime> {
    return this.#pods.values();
  }

  get dns(): ClusterDns {
    return this.#addresses.dns;
  }

  /** As `kubectl apply`. */
  apply(resources: readonly Resource[], change: string, nowNs: number): void {
    this.#given = this.#given.with(resources);
    this.#changed(change, nowNs);
  }

  /** As `kubectl delete`. */
  delete(resources: readonly Resource[], change: string, nowNs: number): void {
    this.#given = this.#given.without(resources);
    this.#changed(change, nowNs);
  }

  get given(): ResourceStore {
    return this.#given;
  }

  /**
   * The number of a workload's pods from now on. New ones are there when they are ready; those that
   * have to go leave the endpoints at once and serve until they have drained.
   */
  scale(workload: string, to: number, nowNs: number): void {
    this.#wanted.set(workload, to);
    const pods = this.#podsInTurn(workload);
    const set = this.#statefulSet(workload);
    if (isOrdered(set) && pods[0] !== undefined) {
      const { count } = this.#rangeOf(workload);
      this.#statefulSets.scale(workload, count, to, this.#readyNs(pods[0]), nowNs);
      return;
    }
    const { first = 0 } = this.#replicas.get(workload) ?? {};
    this.#replicas.set(workload, { first, count: to });
    const leaving = pods.slice(to).map((pod) => podKey(pod));
    this.#forgetGiven(leaving);
    const change = `scale ${workload} to ${to}`;
    if (leaving.length > 0) this.#terminate(leaving, change, nowNs);
    else this.#later(new EndpointChange(this, change), workload);
  }

  /** Those that manifests give come first, the others by their number. */
  #podsInTurn(workload: string): readonly PodFacts[] {
    const isGiven = ({ namespace, name }: PodFacts): boolean =>
      this.#given.find('Pod', namespace, name) !== undefined;
    const pods = [...(this.#view.workloads.get(workload)?.pods ?? [])];
    return pods.sort((a, b) => Number(isGiven(b)) - Number(isGiven(a)) || placeOf(a) - placeOf(b));
  }

  #statefulSet(workload: string): ResourceOf<'StatefulSet'> | undefined {
    const [namespace = '', name = ''] = workload.split('/');
    return this.#view.store.find('StatefulSet', namespace, name);
  }

  /** How a workload looks to an autoscaler. */
  scaledWorkload(workload: string): ScaledWorkload | undefined {
    const found = this.#view.workloads.get(workload);
    if (found === undefined) return undefined;
    const wanted = this.#wanted.get(workload) ?? this.#rangeOf(workload).count;
    return { readyPods: this.readyPods(workload), wanted };
  }

  note(text: string, nowNs: number): void {
    this.#options.recorder.note(text, nowNs);
  }

  /** Replaces the pods of a workload as its Deployment's strategy has it. */
  rollout(workload: string, nowNs: number): void {
    const pods = this.#view.workloads.get(workload)?.pods ?? [];
    const [pod] = pods;
    if (pod === undefined) return;
    const { dispatcher } = this.#options;
    const set = this.#statefulSet(workload);
    if (set !== undefined) {
      const inTurn = this.#podsInTurn(workload);
      this.#statefulSets.rollout(set, workload, inTurn, this.#readyNs(pod), nowNs);
      return;
    }
    const deployment = this.#view.store.find('Deployment', pod.namespace, pod.workload);
    const limits = rolloutLimits(deployment, pods.length);
    const minReadyNs = (deployment?.spec.minReadySeconds ?? 0) * 1e9;
    const times = { readyNs: this.#readyNs(pod), minReadyNs };
    const rollout = new RollingUpdate(this, workload, pods.length, limits, times, dispatcher);
    this.#rollouts.set(workload, rollout);
    rollout.start(nowNs);
  }

  /** A rollout's new pod is ready. */
  addPod(workload: string, nowNs: number): void {
    const { first, count } = this.#rangeOf(workload);
    this.#replicas.set(workload, { first, count: count + 1 });
    this.#changed(`rollout ${workload}`, nowNs);
  }

  /** A rollout takes an old pod away. */
  removeOldest(workload: string, nowNs: number): void {
    const pods = this.#view.workloads.get(workload)?.pods ?? [];
    const oldest = pods.reduce<PodFacts | undefined>(
      (a, b) => (a && placeOf(a) <= placeOf(b) ? a : b),
      undefined,
    );
    if (oldest === undefined) return;
    const { first, count } = this.#rangeOf(workload);
    this.#replicas.set(workload, { first: first + 1, count: count - 1 });
    this.#forgetGiven([podKey(oldest)]);
    this.#terminate([podKey(oldest)], `rollout ${workload}`, nowNs);
  }

  takeDown(workload: string, pod: string, nowNs: number): void {
    this.#gone.add(pod);
    this.#terminate([pod], `rollout ${workload}`, nowNs);
  }

  bringBack(workload: string, pod: string, nowNs: number): void {
    this.#gone.delete(pod);
    this.#restarted.add(pod);
    this.#changed(`rollout ${workload}`, nowNs);
  }

  addLast(workload: string, nowNs: number): void {
    this.addPod(workload, nowNs);
  }

  removeLast(workload: string, nowNs: number): void {
    const last = this.#podsInTurn(workload).at(-1);
    if (last === undefined) return;
    const { first, count } = this.#rangeOf(workload);
    this.#replicas.set(workload, { first, count: count - 1 });
    this.#forgetGiven([podKey(last)]);
    this.#terminate([podKey(last)], `scale ${workload}`, nowNs);
  }

  #rangeOf(workload: string): PodRange {
    const known = this.#replicas.get(workload);
    if (known !== undefined) return known;
    return { first: 0, count: this.#view.workloads.get(workload)?.pods.length ?? 0 };
  }

  /** How long a pod of the same workload takes from its start until it is ready. */
  #readyNs(pod: PodFacts): number {
    const { lifecycleOf, readinessDelayNs } = this.#options;
    return lifecycleOf(pod).readyNs ?? Math.max(readinessDelayNs, probedReadyNs(pod.resource));
  }

  /** All pods of a workload leave the endpoints and go when they have drained. */
  drain(workload: string, nowNs: number): void {
    this.scale(workload, 0, nowNs);
  }

  /** Something is different between two parts of the mesh. */
  changeNetwork(rule: NetworkRule): void {
    this.#latencies.addRule(rule);
  }

  /** Pods leave the endpoints, and begin to end. */
  #terminate(keys: readonly string[], change: string, nowNs: number): void {
    for (const key of keys) this.#terminating.add(key);
    this.#changed(change, nowNs);
    const { dispatcher, istiod, lifecycleOf } = this.#options;
    const drain = meshDrainOf(istiod, this.#given);
    for (const key of keys) {
      const pod = this.#pods.get(key);
      if (pod === undefined) continue;
      const wanted = lifecycleOf(pod.facts);
      const onGone = (atNs: number): void => this.#terminated(key, pod, atNs);
      new PodTermination(pod, pod.facts.shutdown, wanted, drain, dispatcher, onGone);
    }
  }

  /** Pods that manifests give do not come back; the others are counted by their range. */
  #forgetGiven(keys: readonly string[]): void {
    for (const key of keys) {
      const [namespace = '', name = ''] = key.split('/');
      if (this.#given.find('Pod', namespace, name) !== undefined) this.#gone.add(key);
    }
  }

  /** A pod has ended. */
  #terminated(key: string, pod: PodRuntime, nowNs: number): void {
    // A name that came back meanwhile belongs to another pod.
    if (this.#pods.get(key) !== pod || !this.#terminating.delete(key)) return;
    this.#remove(key, nowNs);
    const workload = workloadKey(pod.facts);
    this.#statefulSets.onGone(workload, nowNs);
    const isLast = [...this.#terminating].every(
      (other) => workloadKey(this.#pods.get(other)!.facts) !== workload,
    );
    if (isLast) this.#rollouts.get(workload)?.oldOnesGone();
  }

  /** Kills the first `count` ready pods of a workload in name order. Answers their names. */
  kill(
    workload: string,
    count: number,
    restartNs: number | undefined,
    nowNs: number,
  ): readonly string[] {
    const pods = this.#view.workloads.get(workload)?.pods ?? [];
    const ready = pods.filter((pod) => this.#pods.get(podKey(pod))?.isAlive === true);
    const victims = ready.slice(0, count).map((pod) => podKey(pod));
    for (const key of victims) this.#remove(key, nowNs);
    for (const key of victims) this.#gone.add(key);
    this.#later(new EndpointChange(this, `kill ${workload}`));
    if (restartNs !== undefined) {
      const restart = new Restart(this, victims, workload);
      this.#options.dispatcher.schedule(restartNs, restart, 0);
    }
    return victims;
  }

  /**
   * A node or a zone is gone with everything in it, without a word: what is sent there gets lost. Endpoints
   * follow when Kubernetes has noticed; the same pods come back with it.
   */
  lose(place: LostPlace, nowNs: number): readonly string[] {
    const { detectNs, restartNs } = place;
    const pods = this.#view.pods.filter(
      (pod) => isIn(pod, place) && this.pod(podKey(pod))?.isAlive,
    );
    const keys = pods.map((pod) => podKey(pod));
    const untilNs = restartNs === undefined ? Number.POSITIVE_INFINITY : nowNs + restartNs;
    this.changeNetwork({ ...SILENCE, between: [[place.name], [EVERYWHERE]], untilNs });
    for (const key of keys) {
      this.#lost.add(key);
      this.#pods.get(key)!.kill(nowNs);
    }
    this.#podGeneration++;
    const { dispatcher } = this.#options;
    const missing = this.#evictions.placeLost(place, pods, this.#given);
    dispatcher.schedule(detectNs, new LossNoticed(this, keys, `lost ${place.name}`), 0);
    if (restartNs !== undefined)
      dispatcher.schedule(restartNs, new Restart(this, missing, workloadKeyOf(pods)), 0);
    return keys;
  }

  evict(pod: string, node: string, workload: string): void {
    this.#moved.set(pod, node);
    this.restart([pod], workload);
  }

  /** The pods of a lost node are no endpoints any more, unless they are back already. */
  lossNoticed(keys: readonly string[], change: string, nowNs: number): void {
    const missing = keys.filter((key) => this.#lost.delete(key));
    for (const key of missing) {
      this.#remove(key, nowNs);
      this.#gone.add(key);
    }
    if (missing.length > 0) this.#changed(change, nowNs);
  }

  /** The same pods with the same addresses are back, and ready after the readiness delay. */
  restart(keys: Iterable<string>, workload: string): void {
    for (const key of keys) {
      this.#gone.delete(key);
      this.#lost.delete(key);
      this.#restarted.add(key);
    }
    this.#view = this.#viewNow();
    this.#settle();
    this.#later(new EndpointChange(this, `restart ${workload}`), workload);
  }

  /** Pods have changed: the control plane hears of it. */
  endpointsChanged(change: string, nowNs: number): void {
    this.#changed(change, nowNs);
  }

  /** Behaviours have changed: what is under way keeps its own. */
  behavioursChanged(): void {
    for (const pod of this.#pods.values())
      pod.instance.behaviour = this.#options.behaviourOf(pod.facts);
    this.external.refresh();
  }

  pod(key: string): PodRuntime | undefined {
    return this.#pods.get(key);
  }

  /** The living, ready pods of a workload. */
  readyPods(workload: string): readonly PodRuntime[] {
    const pods = this.#view.workloads.get(workload)?.pods ?? [];
    return pods.flatMap((pod) => {
      const runtime = this.#pods.get(podKey(pod));
      return runtime?.isAlive === true && pod.isReady ? [runtime] : [];
    });
  }

  #viewNow(earlier?: ClusterView): ClusterView {
    return clusterView(
      this.#given,
      {
        injection: this.#options.injection,
        withoutSidecar: this.#options.withoutSidecar,
        replicas: this.#replicas,
        gone: this.#gone,
        unready: this.readiness.unready,
        moved: this.#moved,
      },
      earlier,
    );
  }

  #changed(change: string, nowNs: number): void {
    const earlier = this.#view;
    this.#view = this.#viewNow(earlier);
    this.#capturedDns = new CapturedDns(this.#view, this.#options.istiod);
    // The same list: no pod, Service or Gateway is different either.
    if (this.#view.pods === earlier.pods) this.#addresses.update(this.#view);
    else this.#settle();
    this.controlPlane.changed(this.#view, change, nowNs);
    this.#autoscaling.update(this.#view.store);
  }

  /** When endpoints follow; `starting`: the workload whose pods have to become ready first. */
  #later(change: EndpointChange, starting?: string): void {
    const { dispatcher, readinessDelayNs } = this.#options;
    const [pod] = this.#view.workloads.get(starting ?? '')?.pods ?? [];
    dispatcher.schedule(pod === undefined ? readinessDelayNs : this.#readyNs(pod), change, 0);
  }

  /** Makes pods that are new, removes those that are gone, and listens where services lead. */
  #settle(): void {
    this.#addresses.update(this.#view);
    this.#nameProxies();
    const present = new Set(this.#view.pods.map((pod) => podKey(pod)));
    const nowNs = this.#options.dispatcher.nowNs;
    const started: PodRuntime[] = [];
    for (const key of [...this.#pods.keys()]) {
      if (!present.has(key) && !this.#terminating.has(key)) this.#remove(key, nowNs);
    }
    for (const pod of this.#view.pods) {
      if (this.#terminating.delete(podKey(pod))) this.#remove(podKey(pod), nowNs);
      if (this.#lost.has(podKey(pod))) continue;
      if (this.#pods.get(podKey(pod))?.isAlive !== true) started.push(this.#start(pod));
    }
    this.#listen(started);
  }

  #start(pod: PodFacts): PodRuntime {
    this.#podGeneration++;
    this.#latencies.place(pod.ip, pod.locality, pod.node, workloadKey(pod));
    const runtime = new PodRuntime(pod, this.#options.behaviourOf(pod), this.#podWorld);
    this.#pods.set(podKey(pod), runtime);
    return runtime;
  }

  #remove(key: string, nowNs: number): void {
    const runtime = this.#pods.get(key);
    if (runtime === undefined) return;
    runtime.kill(nowNs);
    this.#podGeneration++;
    this.#pods.delete(key);
  }

  /** Pods that have started listen; all of them do where Services or Gateways lead elsewhere now. */
  #listen(started: readonly PodRuntime[]): void {
    const { store } = this.#view;
    const leading = [...store.of('Service'), ...store.of('Gateway')];
    const isLedAsBefore =
      leading.length === this.#leading.length &&
      leading.every((resource, index) => resource === this.#leading[index]);
    this.#leading = leading;
    const pods = isLedAsBefore ? started : [...this.#pods.values()];
    for (const pod of pods) pod.listen(pod.facts.ports.values());
    const namespaces = new Set(pods.map(({ facts }) => facts.namespace));
    for (const service of store.of('Service')) {
      if (!namespaces.has(service.metadata.namespace)) continue;
      for (const pod of this.#addresses.dns.podsOf(service)) {
        const ports = service.spec.ports.map(({ port }) => targetPortOf(service, port, pod));
        const known = ports.filter((port): port is number => port !== undefined);
        this.#pods.get(podKey(pod))?.listen(known);
      }
    }
    for (const gateway of store.of('Gateway')) {
      const ports = gateway.spec.servers
        .map(({ port }) => port?.number ?? 0)
        .filter((it) => it > 0);
      for (const pod of pods) {
        const { facts } = pod;
        const selects = [...gateway.spec.selector].every(([k, v]) => facts.labels.get(k) === v);
        if (facts.proxy === 'gateway' && selects) pod.listen(ports);
      }
    }
  }

  /** Pods of one name in several namespaces need the namespace to be told apart. */
  #nameProxies(): void {
    const counts = new Map<string, number>();
    for (const { name } of this.#view.pods) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const pod of this.#view.pods) {
      if (this.#names.has(podKey(pod))) continue;
      const isUnique = counts.get(pod.name) === 1;
      this.#names.set(podKey(pod), isUnique ? pod.name : `${pod.name}.${pod.namespace}`);
    }
  }

  #startProxy(pod: PodFacts, isFresh: boolean): ProxyRuntime {
    const proxy = new ProxyRuntime(pod, this.#proxyWorld, isFresh);
    this.#proxies.push(proxy);
    return proxy;
  }

  /** What telemetry says of a pod. */
  labelsOf({ facts }: PodRuntime): WorkloadLabels {
    return workloadLabels(facts, TRUST_DOMAIN);
  }

  /** The pods that requests through a gateway go to, and what sends to each of them. */
  gatewayOutbound(pod: PodRuntime, clientName: string, makeOutbound: OutboundFactory): Outbound {
    const { facts } = pod;
    return makeOutbound({
      name: `client/${clientName}/${facts.name}`,
      address: this.external.addressOf(`client/${clientName}`),
      network: this.network,
      resolve: (_host, port) => `${facts.ip}:${this.#addresses.gatewayPort(facts, port)}`,
    });
  }
}

export type OutboundFactory = (origin: {
  readonly name: string;
  readonly address: string;
  readonly network: SimulatedNetwork;
  resolve(host: string, port: number): string | undefined;
}) => Outbound;

/** The number at the end of a pod's name. */
function placeOf({ name }: PodFacts): number {
  return Number(/(\d+)$/.exec(name)?.[1] ?? 0);
}
