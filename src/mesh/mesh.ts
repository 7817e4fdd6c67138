import type { Resource, ResourceOf } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import type { Acceptor, ConnectOptions, ServerConnection } from '#envoy/network.ts';
import { isIpAddress } from '#istiod/model/names.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import { keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import { randomStream } from '#kernel/random.ts';
import type { WorkloadLabels } from '#telemetry/labels.ts';
import type { Recorder } from '#telemetry/recorder.ts';
import type { CompiledBehaviour } from '#world/compiled-behaviour.ts';
import { ipOf, SimulatedNetwork } from '#world/network.ts';
import type { Outbound } from '#world/outbound.ts';
import { ServedRequestPool } from '#world/served-request.ts';
import type { Traversal } from '#world/wire-connection.ts';
import { type ClusterView, clusterView } from './cluster/cluster-view.ts';
import type { InjectionRule } from './cluster/injection.ts';
import type { PodRange } from './cluster/pod-builder.ts';
import { type PodFacts, podKey, workloadKey } from './cluster/pod-facts.ts';
import { ClusterDns, targetPortOf } from './cluster-dns.ts';
import { ContentPool, type Provenance } from './content-pool.ts';
import { ControlPlane } from './control-plane.ts';
import { ExternalHosts } from './external-hosts.ts';
import { generatorFor, type IstiodOptions } from './generate-config.ts';
import { outsideLabels, workloadLabels } from './host-labels.ts';
import { LatencyMap, type NetworkLatencies, type NetworkRule } from './latency-map.ts';
import { PodRuntime, type PodWorld } from './pod-runtime.ts';
import { ProxyRuntime, type ProxyWorld } from './proxy-runtime.ts';
import type { PushTimes } from './push-delay.ts';
import { queueGaugeOf } from './queue-gauge.ts';

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
  readonly injection: InjectionRule;
  /** Workloads, as `namespace/name`, without a sidecar. */
  readonly withoutSidecar: ReadonlySet<string>;
  readonly istiod: IstiodOptions;
  /** How a pod behaves. */
  behaviourOf(pod: PodFacts): CompiledBehaviour;
  /** How a host outside behaves. */
  externalBehaviourOf(host: string): CompiledBehaviour;
  /** Names of hosts outside that scenario and manifests mention. */
  readonly externalHosts: readonly string[];
}

/**
 * The cluster in time: the pods that manifests stand for, their proxies, the control plane that
 * configures them, and the network between them. Objects are applied and deleted, pods are killed and
 * scaled; each change reaches the proxies as it would in life.
 */
export class Mesh {
  readonly network: SimulatedNetwork;
  readonly controlPlane: ControlPlane;
  readonly provenance: Provenance;
  readonly external: ExternalHosts;
  readonly #options: MeshOptions;
  readonly #latencies: LatencyMap;
  readonly #pods = new Map<string, PodRuntime>();
  readonly #podByIp = new Map<string, PodRuntime>();
  /** Of every pod there ever was: answers may come from one that is gone. */
  readonly #factsByIp = new Map<string, PodFacts>();
  readonly #replicas = new Map<string, PodRange>();
  /** Out of the endpoints, and still serving for a while. */
  readonly #terminating = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #podWorld: PodWorld;
  readonly #proxyWorld: ProxyWorld;
  readonly #proxies: ProxyRuntime[] = [];
  readonly #names = new Map<string, string>();
  #given: ResourceStore;
  #view: ClusterView;
  #dns: ClusterDns;
  #vips = new Map<string, ResourceOf<'Service'>>();
  #turn = 0;
  /** Counts changes of the set of pods. */
  #podGeneration = 0;

  constructor(given: ResourceStore, options: MeshOptions) {
    this.#options = options;
    const { dispatcher, seed, traversal, recorder } = options;
    const random = randomStream(seed, 'network/loss');
    this.#latencies = new LatencyMap(options.network, options.networkMayChange, random);
    this.network = new SimulatedNetwork(dispatcher, this.#latencies);
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
    this.network.fallback = new Elsewhere(this);
    this.#podWorld = {
      ...shared,
      traversal,
      queueGaugeOf: (pod) => queueGaugeOf(pod, recorder, TRUST_DOMAIN),
      proxyOf: (pod) => this.#startProxy(pod, this.#restarted.has(podKey(pod))),
      resolve: (pod, isRedirected, host, port) => this.#resolve(pod, isRedirected, host, port),
    };
    this.#given = given;
    this.#view = this.#viewNow();
    this.#dns = new ClusterDns(this.#view);
    const pool = new ContentPool();
    this.provenance = pool;
    const generate = generatorFor(options.istiod);
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
      labelsOf: (address) => this.#labelsOf(address),
      nameOf: (pod) => this.#names.get(podKey(pod)) ?? pod.name,
      addressesOf: (name, pod) => this.#addressesOf(name, pod),
    };
    this.#settle();
  }

  readonly #restarted = new Set<string>();

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
    return this.#dns;
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
    const pods = this.#view.workloads.get(workload)?.pods ?? [];
    const { first = 0 } = this.#replicas.get(workload) ?? {};
    this.#replicas.set(workload, { first, count: to });
    const leaving = pods.slice(to).map((pod) => podKey(pod));
    this.#forgetGiven(leaving);
    const change = `scale ${workload} to ${to}`;
    if (leaving.length > 0) this.#terminate(leaving, change, nowNs);
    else this.#later(new EndpointChange(this, change));
  }

  /** Replaces the pods of a workload one after another: a new one is ready, an old one goes. */
  rollout(workload: string): void {
    const count = this.#view.workloads.get(workload)?.pods.length ?? 0;
    if (count > 0)
      this.#options.dispatcher.schedule(
        this.#options.readinessDelayNs,
        new Rollout(this, workload, count),
        0,
      );
  }

  /** The next new pod is ready after the readiness delay. */
  nextRolloutStep(rollout: EventTarget): void {
    this.#options.dispatcher.schedule(this.#options.readinessDelayNs, rollout, 0);
  }

  /** One step of a rollout. */
  replaceOldest(workload: string, nowNs: number): void {
    const pods = this.#view.workloads.get(workload)?.pods ?? [];
    const oldest = pods.reduce<PodFacts | undefined>(
      (a, b) => (a && placeOf(a) <= placeOf(b) ? a : b),
      undefined,
    );
    if (oldest === undefined) return;
    const { first, count } = this.#replicas.get(workload) ?? { first: 0, count: pods.length };
    this.#replicas.set(workload, { first: first + 1, count });
    this.#forgetGiven([podKey(oldest)]);
    this.#terminate([podKey(oldest)], `rollout ${workload}`, nowNs);
  }

  /** All pods of a workload leave the endpoints and go when they have drained. */
  drain(workload: string, nowNs: number): void {
    this.scale(workload, 0, nowNs);
  }

  /** Something is different between two parts of the mesh. */
  changeNetwork(rule: NetworkRule): void {
    this.#latencies.addRule(rule);
  }

  #terminate(keys: readonly string[], change: string, nowNs: number): void {
    for (const key of keys) this.#terminating.add(key);
    this.#changed(change, nowNs);
    this.#options.dispatcher.schedule(DRAIN_NS, new Termination(this, keys), 0);
  }

  /** Pods that manifests give do not come back; the others are counted by their range. */
  #forgetGiven(keys: readonly string[]): void {
    for (const key of keys) {
      const [namespace = '', name = ''] = key.split('/');
      if (this.#given.find('Pod', namespace, name) !== undefined) this.#gone.add(key);
    }
  }

  /** Pods have drained. */
  terminated(keys: readonly string[], nowNs: number): void {
    for (const key of keys) {
      // A name that came back meanwhile belongs to another pod.
      if (this.#terminating.delete(key)) this.#remove(key, nowNs);
    }
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

  /** The same pods with the same addresses are back, and ready after the readiness delay. */
  restart(keys: readonly string[], workload: string): void {
    for (const key of keys) {
      this.#gone.delete(key);
      this.#restarted.add(key);
    }
    this.#view = this.#viewNow();
    this.#settle();
    this.#later(new EndpointChange(this, `restart ${workload}`));
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

  /** Who takes a connection to an address that nobody listens at. */
  elsewhere(
    address: string,
  ): { readonly acceptor: Acceptor; readonly address: string } | undefined {
    const colon = address.lastIndexOf(':');
    const host = address.slice(0, colon);
    const port = Number(address.slice(colon + 1));
    if (this.#factsByIp.has(host)) return undefined; // A pod that is gone, or a port nobody serves.
    const service = this.#vips.get(host);
    if (service === undefined) return { acceptor: this.external.instanceFor(host), address };
    const destination = this.#behindVip(service, port);
    const acceptor = destination && this.network.acceptorAt(destination);
    return acceptor && destination ? { acceptor, address: destination } : undefined;
  }

  #viewNow(): ClusterView {
    return clusterView(this.#given, {
      injection: this.#options.injection,
      withoutSidecar: this.#options.withoutSidecar,
      replicas: this.#replicas,
      gone: this.#gone,
    });
  }

  #changed(change: string, nowNs: number): void {
    this.#view = this.#viewNow();
    this.#settle();
    this.controlPlane.changed(this.#view, change, nowNs);
  }

  #later(change: EndpointChange): void {
    this.#options.dispatcher.schedule(this.#options.readinessDelayNs, change, 0);
  }

  /** Makes pods that are new, removes those that are gone, and listens where services lead. */
  #settle(): void {
    this.#dns = new ClusterDns(this.#view);
    this.#vips = vipsOf(this.#view);
    this.#nameProxies();
    const present = new Set(this.#view.pods.map((pod) => podKey(pod)));
    const nowNs = this.#options.dispatcher.nowNs;
    for (const key of [...this.#pods.keys()]) {
      if (!present.has(key) && !this.#terminating.has(key)) this.#remove(key, nowNs);
    }
    for (const pod of this.#view.pods) {
      if (this.#terminating.delete(podKey(pod))) this.#remove(podKey(pod), nowNs);
      if (this.#pods.get(podKey(pod))?.isAlive !== true) this.#start(pod);
    }
    this.#listen();
  }

  #start(pod: PodFacts): void {
    this.#podGeneration++;
    this.#latencies.place(pod.ip, pod.locality, workloadKey(pod));
    this.#factsByIp.set(pod.ip, pod);
    const runtime = new PodRuntime(pod, this.#options.behaviourOf(pod), this.#podWorld);
    this.#pods.set(podKey(pod), runtime);
    this.#podByIp.set(pod.ip, runtime);
  }

  #remove(key: string, nowNs: number): void {
    const runtime = this.#pods.get(key);
    if (runtime === undefined) return;
    runtime.kill(nowNs);
    this.#podGeneration++;
    this.#pods.delete(key);
    this.#podByIp.delete(runtime.facts.ip);
  }

  #listen(): void {
    for (const pod of this.#pods.values()) pod.listen(pod.facts.ports.values());
    for (const service of this.#view.store.of('Service')) {
      for (const pod of this.#dns.podsOf(service)) {
        const ports = service.spec.ports.map(({ port }) => targetPortOf(service, port, pod));
        const known = ports.filter((port): port is number => port !== undefined);
        this.#pods.get(podKey(pod))?.listen(known);
      }
    }
    for (const gateway of this.#view.store.of('Gateway')) {
      const ports = gateway.spec.servers
        .map(({ port }) => port?.number ?? 0)
        .filter((it) => it > 0);
      for (const pod of this.#pods.values()) {
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

  #resolve(pod: PodFacts, isRedirected: boolean, host: string, port: number): string | undefined {
    const answer = this.#dns.lookUp(host, pod.namespace);
    switch (answer.kind) {
      case 'address':
        return `${answer.address}:${port}`;
      case 'outside':
      case 'unknown':
        return `${this.external.addressOf(host)}:${port}`;
      case 'service': {
        const { service, addresses } = answer;
        // Without a sidecar it is the node that leads from the cluster IP to a pod.
        if (!isRedirected) return this.#behindVip(service, port);
        if (addresses.length === 0) return undefined;
        return `${addresses[this.#turn++ % addresses.length]}:${port}`;
      }
    }
  }

  /** A ServiceEntry's addresses are no part of DNS: names beyond the cluster have the outside's. */
  #addressesOf(name: string, pod: PodFacts): readonly string[] | undefined {
    if (isIpAddress(name)) return [name];
    const answer = this.#dns.lookUp(name, pod.namespace);
    if (answer.kind === 'service') return answer.addresses;
    return answer.kind === 'unknown' ? undefined : [this.external.addressOf(name)];
  }

  /**
   * The pod that a connection to a service reaches when no proxy balances it: any ready one.
   *
   * @source kubernetes: pkg/proxy/iptables/proxier.go, the statistic module's random mode
   */
  #behindVip(service: ResourceOf<'Service'>, port: number): string | undefined {
    const ready = this.#dns
      .podsOf(service)
      .filter((pod) => pod.isReady && this.#pods.get(podKey(pod))?.isAlive === true);
    if (ready.length === 0) return undefined;
    const uniform = keyedUniform(streamHash(this.#options.seed, 'node/balance'), {
      rootNumber: this.#turn++,
      streamHash: 0,
      callPathHash: 0,
      attempt: 1,
    });
    const pod = ready[Math.floor(uniform * ready.length)]!;
    const targetPort = targetPortOf(service, port, pod);
    return targetPort === undefined ? undefined : `${pod.ip}:${targetPort}`;
  }

  /** What telemetry says of a pod. */
  labelsOf({ facts }: PodRuntime): WorkloadLabels {
    return workloadLabels(facts, TRUST_DOMAIN);
  }

  #labelsOf(address: string): WorkloadLabels {
    const pod = this.#factsByIp.get(ipOf(address));
    if (pod !== undefined) return workloadLabels(pod, TRUST_DOMAIN);
    return outsideLabels(this.external.hostAt(ipOf(address)));
  }

  /** The pods that requests through a gateway go to, and what sends to each of them. */
  gatewayOutbound(pod: PodRuntime, clientName: string, makeOutbound: OutboundFactory): Outbound {
    const { facts } = pod;
    return makeOutbound({
      name: `client/${clientName}/${facts.name}`,
      address: this.external.addressOf(`client/${clientName}`),
      network: this.network,
      resolve: (_host, port) => `${facts.ip}:${this.#gatewayPort(facts, port)}`,
    });
  }

  /** The container's port behind a gateway Service's port. */
  #gatewayPort(pod: PodFacts, port: number): number {
    for (const service of this.#view.store.of('Service')) {
      const isBehind = this.#dns.podsOf(service).some((it) => podKey(it) === podKey(pod));
      const target = isBehind ? targetPortOf(service, port, pod) : undefined;
      if (target !== undefined) return target;
    }
    return port;
  }

  /** Workloads by `namespace/name` of which a pod runs a gateway. */
  isGateway(workload: string): boolean {
    return this.#view.workloads.get(workload)?.pods.some((pod) => pod.proxy === 'gateway') ?? false;
  }

  workloadOf(pod: PodRuntime): string {
    return workloadKey(pod.facts);
  }
}

export type OutboundFactory = (origin: {
  readonly name: string;
  readonly address: string;
  readonly network: SimulatedNetwork;
  resolve(host: string, port: number): string | undefined;
}) => Outbound;

/** How long a proxy goes on while it drains: Istio's terminationDrainDuration. */
const DRAIN_NS = 5_000_000_000;

/** The number at the end of a pod's name. */
function placeOf({ name }: PodFacts): number {
  return Number(/(\d+)$/.exec(name)?.[1] ?? 0);
}

const TRUST_DOMAIN = 'cluster.local';

function vipsOf(view: ClusterView): Map<string, ResourceOf<'Service'>> {
  const vips = new Map<string, ResourceOf<'Service'>>();
  for (const service of view.store.of('Service')) {
    const { clusterIP } = service.spec;
    if (clusterIP !== '' && clusterIP !== 'None') vips.set(clusterIP, service);
  }
  return vips;
}

/** Takes connections to addresses that nobody listens at: cluster IPs and the outside. */
class Elsewhere implements Acceptor {
  readonly #mesh: Mesh;

  constructor(mesh: Mesh) {
    this.#mesh = mesh;
  }

  accept(connection: ServerConnection, options: ConnectOptions, nowNs: number) {
    const found = this.#mesh.elsewhere(options.originalDestination);
    if (found === undefined) return 'refuse';
    const { acceptor, address } = found;
    return acceptor.accept(connection, { ...options, originalDestination: address }, nowNs);
  }
}

/** Pods came or went; endpoints follow. */
class EndpointChange implements EventTarget {
  readonly #mesh: Mesh;
  readonly #change: string;

  constructor(mesh: Mesh, change: string) {
    this.#mesh = mesh;
    this.#change = change;
  }

  onEvent(_event: number, nowNs: number): void {
    this.#mesh.endpointsChanged(this.#change, nowNs);
  }
}

class Restart implements EventTarget {
  readonly #mesh: Mesh;
  readonly #keys: readonly string[];
  readonly #workload: string;

  constructor(mesh: Mesh, keys: readonly string[], workload: string) {
    this.#mesh = mesh;
    this.#keys = keys;
    this.#workload = workload;
  }

  onEvent(): void {
    this.#mesh.restart(this.#keys, this.#workload);
  }
}

/** Pods have had their time to drain. */
class Termination implements EventTarget {
  readonly #mesh: Mesh;
  readonly #keys: readonly string[];

  constructor(mesh: Mesh, keys: readonly string[]) {
    this.#mesh = mesh;
    this.#keys = keys;
  }

  onEvent(_event: number, nowNs: number): void {
    this.#mesh.terminated(this.#keys, nowNs);
  }
}

class Rollout implements EventTarget {
  readonly #mesh: Mesh;
  readonly #workload: string;
  #left: number;

  constructor(mesh: Mesh, workload: string, count: number) {
    this.#mesh = mesh;
    this.#workload = workload;
    this.#left = count;
  }

  onEvent(_event: number, nowNs: number): void {
    this.#mesh.replaceOldest(this.#workload, nowNs);
    this.#left--;
    if (this.#left > 0) this.#mesh.nextRolloutStep(this);
  }
}
