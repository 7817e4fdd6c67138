import type { Acceptor, Network } from '#envoy/network.ts';
import { EnvoyProxy } from '#envoy/proxy.ts';
import type { ProxyEnvironment, ProxySnapshot, ProxyTelemetry } from '#envoy/proxy-environment.ts';
import type { DnsListener, DnsResolver } from '#envoy/upstream/host-resolution.ts';
import { type ProxyModel, proxyOf, withTopologyLabels } from '#istiod/model/proxy.ts';
import type { Dispatcher } from '#kernel/dispatcher.ts';
import { keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import { type Random, randomStream } from '#kernel/random.ts';
import { UNKNOWN_WORKLOAD, type WorkloadLabels } from '#telemetry/labels.ts';
import {
  type ClusterId,
  type HostId,
  NONE,
  type ProxyId,
  type Recorder,
  type RouteId,
} from '#telemetry/recorder.ts';
import type { PodFacts } from './cluster/pod-facts.ts';
import { clusterLabels } from './cluster-labels.ts';
import { type ConfigVersion, isSameSnapshot } from './config-version.ts';
import type { ConfigSubscriber, ControlPlane } from './control-plane.ts';
import { workloadLabels } from './host-labels.ts';
import { clusterNamed } from './snapshot-lists.ts';
import type { StreamObservers } from './stream-log.ts';

/** What a proxy needs of the mesh around it. */
export interface ProxyWorld {
  readonly dispatcher: Dispatcher;
  readonly network: Network;
  readonly recorder: Recorder;
  readonly controlPlane: ControlPlane;
  readonly seed: number;
  readonly epochMs: number;
  readonly workerCount: number;
  readonly trustDomain: string;
  /** Who answers at `ip:port`, for labels. */
  labelsOf(address: string): WorkloadLabels;
  /** The proxy's name, unique in the run. */
  nameOf(pod: PodFacts): string;
  /** What the cluster's DNS answers to the proxy of a pod; undefined = no such name. */
  addressesOf(name: string, pod: PodFacts): readonly string[] | undefined;
  /** Keeps the streams of all proxies; undefined = nobody does. */
  readonly streams: StreamObservers | undefined;
  /** Whether proxies keep the times that `/stats` prints. */
  readonly keepsHistograms: boolean;
}

/** One running Envoy: it lives in a pod and hears from the control plane. */
export class ProxyRuntime implements ConfigSubscriber {
  readonly name: string;
  readonly model: ProxyModel;
  readonly proxy: EnvoyProxy;
  readonly #world: ProxyWorld;
  #version: ConfigVersion;
  #snapshot: ProxySnapshot;

  constructor(pod: PodFacts, world: ProxyWorld, isFresh: boolean) {
    this.#world = world;
    this.name = world.nameOf(pod);
    this.model = proxyModelOf(pod);
    const { controlPlane, dispatcher, seed } = world;
    this.#version = isFresh
      ? controlPlane.subscribeFresh(this)
      : controlPlane.subscribe(this, dispatcher.nowNs);
    this.#snapshot = this.#version.snapshotFor(this.model);
    const environment: ProxyEnvironment = {
      dispatcher,
      network: world.network,
      seed,
      epochMs: world.epochMs,
      nextWorkerKey: workerKeys(this.name, seed),
      randomStream: (name): Random => randomStream(seed, name),
      resolver: new PodResolver(pod, world),
      telemetry: new Telemetry(pod, this, world),
      observer: world.streams?.observerOf(this.name),
      keepsHistograms: world.keepsHistograms,
    };
    const [region = '', zone = '', subZone = ''] = pod.locality.split('/');
    this.proxy = new EnvoyProxy(
      {
        name: this.name,
        ip: pod.ip,
        nodeId: `${pod.proxy === 'gateway' ? 'router' : 'sidecar'}~${pod.ip}~${pod.name}.${pod.namespace}~${pod.namespace}.svc.cluster.local`,
        nodeCluster: `${pod.labels.get('service.istio.io/canonical-name') ?? pod.workload}.${pod.namespace}`,
        locality: pod.locality === '' ? undefined : { region, zone, subZone },
        workerCount: pod.workerCount ?? world.workerCount,
      },
      environment,
    );
    this.proxy.applyConfig(this.#snapshot);
  }

  acceptor(port: number): Acceptor {
    return this.proxy.acceptor(port);
  }

  get snapshot(): ProxySnapshot {
    return this.#snapshot;
  }

  get version(): ConfigVersion {
    return this.#version;
  }

  /** What is the same as before is not pushed. */
  onVersion(version: ConfigVersion, nowNs: number): void {
    if (version.number <= this.#version.number) return; // A newer one overtook it.
    this.#version = version;
    const snapshot = version.snapshotFor(this.model);
    if (isSameSnapshot(snapshot, this.#snapshot)) return;
    this.#snapshot = snapshot;
    this.#world.recorder.pushed(this.#telemetryId, version.change, nowNs);
    this.proxy.applyConfig(snapshot);
  }

  /** Its pod is about to go: whoever is connected is told to leave. */
  drain(): void {
    this.proxy.drainInbound();
  }

  /** Open connections from downstream. */
  get connectionCount(): number {
    return this.proxy.connectionCount;
  }

  shutDown(nowNs: number): void {
    this.#world.controlPlane.unsubscribe(this);
    this.proxy.shutDown(nowNs);
  }

  get #telemetryId(): ProxyId {
    return this.#world.recorder.internProxy({ ...UNKNOWN_WORKLOAD, name: this.name });
  }
}

/** The cluster's DNS as one pod asks it. An answer is there at once. */
class PodResolver implements DnsResolver {
  readonly #pod: PodFacts;
  readonly #world: ProxyWorld;

  constructor(pod: PodFacts, world: ProxyWorld) {
    this.#pod = pod;
    this.#world = world;
  }

  resolve(name: string, listener: DnsListener): void {
    const addresses = this.#world.addressesOf(name, this.#pod);
    const isFailure = addresses === undefined;
    listener.onDnsAnswer({ isFailure, addresses: addresses ?? [], ttlMs: DNS_TTL_MS });
  }
}

/** @source kubernetes: cluster/addons/dns/coredns, `ttl 30` */
const DNS_TTL_MS = 30_000;

/** Which worker of the peer takes each connection of a proxy: drawn by its number. */
function workerKeys(proxyName: string, seed: number): () => number {
  const key = {
    rootNumber: 0,
    streamHash: streamHash(seed, `proxy/${proxyName}`),
    callPathHash: 0,
    attempt: 1,
  };
  const purpose = streamHash(seed, 'connection/worker');
  return () => {
    key.rootNumber++;
    return Math.floor(keyedUniform(purpose, key) * 2 ** 31);
  };
}

/** A pod's proxy as istiod sees it. */
export function proxyModelOf(pod: PodFacts): ProxyModel {
  return withTopologyLabels(
    proxyOf({
      kind: pod.proxy === 'gateway' ? 'gateway' : 'sidecar',
      name: pod.name,
      namespace: pod.namespace,
      labels: pod.labels,
      ip: pod.ip,
      locality: pod.locality,
      node: pod.node,
      interceptionMode: pod.capture.mode,
    }),
  );
}

/** Requests to more hosts than that, all without a route, are counted as one kind. */
const MAX_UNROUTED_HOSTS = 100;

/** The names of one proxy's things in the recorder. */
class Telemetry implements ProxyTelemetry {
  readonly recorder: Recorder;
  readonly proxy: ProxyId;
  readonly #runtime: ProxyRuntime;
  readonly #world: ProxyWorld;
  /** Hosts that no route took. */
  readonly #unrouted = new Set<string>();

  constructor(pod: PodFacts, runtime: ProxyRuntime, world: ProxyWorld) {
    this.recorder = world.recorder;
    this.#world = world;
    this.#runtime = runtime;
    this.proxy = world.recorder.internProxy({
      ...workloadLabels(pod, world.trustDomain),
      name: runtime.name,
    });
  }

  clusterId(name: string): ClusterId {
    const cluster = clusterNamed(this.#runtime.snapshot, name);
    return this.recorder.internCluster(clusterLabels(name, cluster));
  }

  hostId(address: string): HostId {
    return this.recorder.internHost({ ...this.#world.labelsOf(address), address });
  }

  routeId(name: string): RouteId {
    return this.recorder.internRoute(name);
  }

  unroutedId(host: string, routes: string): ClusterId {
    if (!this.#unrouted.has(host) && this.#unrouted.size >= MAX_UNROUTED_HOSTS) return NONE;
    this.#unrouted.add(host);
    return this.recorder.internCluster({
      ...clusterLabels('', undefined),
      asked: { host, routes },
    });
  }
}
