import type {
  Acceptor,
  AcceptResult,
  Connection,
  ConnectionOwner,
  ConnectOptions,
  Network,
  ServerConnection,
} from '#envoy/network.ts';
import type { CompiledBehaviour } from '#world/compiled-behaviour.ts';
import { Instance, type InstanceWorld, type QueueGauge } from '#world/instance.ts';
import type { SimulatedNetwork } from '#world/network.ts';
import type { Traversal } from '#world/network-path.ts';
import { Outbound } from '#world/outbound.ts';
import type { Asker } from './address-book.ts';
import type { PodFacts } from './cluster/pod-facts.ts';
import type { ProxyRuntime } from './proxy-runtime.ts';

const SIDECAR_OUTBOUND = 15001;
const SIDECAR_INBOUND = 15006;

/** What a pod needs of the mesh around it. */
export interface PodWorld extends InstanceWorld {
  readonly network: SimulatedNetwork;
  readonly seed: number;
  /** What its proxy adds to each request and each answer. */
  readonly traversal: Traversal;
  /** Where is recorded how many requests it has. */
  queueGaugeOf(pod: PodFacts): QueueGauge;
  /** Its proxy, made when it is first needed. */
  proxyOf(pod: PodFacts): ProxyRuntime;
  /** Whether the pod's proxy answers its application's DNS. */
  capturesDns(pod: PodFacts): boolean;
  /** `ip:port` for a name as an application of a pod writes it. */
  resolve(asker: Asker, host: string, port: number): string | undefined;
}

/**
 * One running pod: its application, its proxy, and where they listen. A sidecar takes every connection
 * that comes from elsewhere and every one that leaves; the application hears the sidecar alone.
 */
export class PodRuntime {
  readonly facts: PodFacts;
  readonly instance: Instance;
  readonly #world: PodWorld;
  readonly #listening = new Map<number, true>();
  #proxy: ProxyRuntime | undefined = undefined;
  #isProxyGone = false;

  constructor(facts: PodFacts, behaviour: CompiledBehaviour, world: PodWorld) {
    this.facts = facts;
    this.#world = world;
    this.instance = new Instance(facts.name, world, behaviour, this.newOutbound('app'));
    this.instance.queueGauge = world.queueGaugeOf(facts);
    if (facts.proxy === 'sidecar') world.network.listenWithin(facts.ip, this.instance);
  }

  /** Connections of their own for something that sends from this pod. */
  newOutbound(purpose: string, mayUseSidecar = true): Outbound {
    const { facts } = this;
    const isRedirected = mayUseSidecar && facts.proxy === 'sidecar';
    const name = `pod/${facts.namespace}/${facts.name}/${purpose}`;
    const asker = {
      name,
      namespace: facts.namespace,
      isRedirected,
      capturesDns: isRedirected && this.#world.capturesDns(facts),
    };
    const origin = {
      name,
      address: facts.ip,
      network: isRedirected ? new RedirectedNetwork(this) : this.#world.network,
      resolve: (host: string, port: number) => this.#world.resolve(asker, host, port),
    };
    return new Outbound(origin, this.#world.dispatcher, this.#world.seed);
  }

  /** Listens at these ports, beside those it listens at already. */
  listen(ports: Iterable<number>): void {
    const { network, traversal } = this.#world;
    if (this.#isProxyGone) return;
    for (const port of ports) {
      if (this.#listening.has(port)) continue;
      this.#listening.set(port, true);
      const address = `${this.facts.ip}:${port}`;
      switch (this.facts.proxy) {
        case 'none':
          network.listen(address, new ApplicationDoor(this.instance));
          break;
        case 'sidecar':
          if (this.facts.capture.capturesInbound(port))
            network.listen(address, new ProxyDoor(this, SIDECAR_INBOUND), 'outside', traversal);
          else network.listen(address, new ApplicationDoor(this.instance), 'outside');
          network.listen(address, this.instance, 'inside');
          break;
        case 'gateway':
          network.listen(address, new ProxyDoor(this, port), 'outside', traversal);
      }
    }
  }

  get proxy(): ProxyRuntime {
    this.#proxy ??= this.#world.proxyOf(this.facts);
    return this.#proxy;
  }

  /** The proxy if it was ever needed. */
  get startedProxy(): ProxyRuntime | undefined {
    return this.#proxy;
  }

  get isAlive(): boolean {
    return this.instance.isAlive;
  }

  /** The proxy's process is gone: nobody gets in or out any more. */
  stopProxy(nowNs: number): void {
    if (this.#isProxyGone) return;
    this.#isProxyGone = true;
    const { network } = this.#world;
    for (const port of this.#listening.keys()) network.stopListening(`${this.facts.ip}:${port}`);
    this.#proxy?.shutDown(nowNs);
  }

  /** Dies at once: connections are reset, and new ones refused. */
  kill(nowNs: number): void {
    const { network } = this.#world;
    for (const port of this.#listening.keys()) {
      network.stopListening(`${this.facts.ip}:${port}`);
      network.stopListening(`${this.facts.ip}:${port}`, 'inside');
    }
    network.listenWithin(this.facts.ip, undefined);
    this.#listening.clear();
    this.instance.kill();
    if (!this.#isProxyGone) this.#proxy?.shutDown(nowNs);
    this.#isProxyGone = true;
  }

  connectOut(address: string, options: ConnectOptions, owner: ConnectionOwner): Connection {
    const { network, traversal } = this.#world;
    if (!this.facts.capture.capturesOutbound(address))
      return network.connect(address, options, owner);
    const acceptor = this.#isProxyGone ? undefined : this.proxy.acceptor(SIDECAR_OUTBOUND);
    return network.connectTo(acceptor, traversal, address, options, owner);
  }
}

/** Leads into a pod's proxy, which is made when the first connection comes. */
class ProxyDoor implements Acceptor {
  readonly #pod: PodRuntime;
  readonly #port: number;

  constructor(pod: PodRuntime, port: number) {
    this.#pod = pod;
    this.#port = port;
  }

  accept(connection: ServerConnection, options: ConnectOptions, nowNs: number): AcceptResult {
    return this.#pod.proxy.acceptor(this.#port).accept(connection, options, nowNs);
  }
}

/**
 * Leads to an application that no proxy stands before: it does not know the mesh's own TLS, whatever else
 * it speaks.
 *
 * @source envoy: source/common/tls/ssl_socket.cc, doHandshake (WRONG_VERSION_NUMBER at the caller)
 */
class ApplicationDoor implements Acceptor {
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  accept(connection: ServerConnection, options: ConnectOptions): AcceptResult {
    const isOfTheMesh = options.tls?.alpn.includes('istio') === true;
    return isOfTheMesh ? 'tls-error' : this.#instance.accept(connection, options);
  }
}

/** What an application beside a sidecar connects to: whatever it asks for, the sidecar hears it. */
class RedirectedNetwork implements Network {
  readonly #pod: PodRuntime;

  constructor(pod: PodRuntime) {
    this.#pod = pod;
  }

  connect(address: string, options: ConnectOptions, owner: ConnectionOwner): Connection {
    return this.#pod.connectOut(address, options, owner);
  }
}
