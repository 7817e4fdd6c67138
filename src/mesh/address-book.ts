import type { ResourceOf } from '#config/resource.ts';
import { isIpAddress } from '#istiod/model/names.ts';
import { keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import type { WorkloadLabels } from '#telemetry/labels.ts';
import { ipOf } from '#world/network.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import { type PodFacts, podKey } from './cluster/pod-facts.ts';
import { ClusterDns, targetPortOf } from './cluster-dns.ts';
import type { ExternalHosts } from './external-hosts.ts';
import { outsideLabels, TRUST_DOMAIN, workloadLabels } from './host-labels.ts';

type Service = ResourceOf<'Service'>;

/** What an address book needs of the mesh. */
export interface AddressBookWorld {
  /** Whether the outside's DNS knows a host at the moment. */
  resolvesOutside(host: string): boolean;
  readonly seed: number;
  readonly external: ExternalHosts;
  isAlive(pod: PodFacts): boolean;
  /** Of a host of a ServiceEntry without addresses, for askers whose proxy answers DNS. */
  allocatedAddressOf(host: string): string | undefined;
}

/** Who asks for an address: their choices among several are counted by themselves. */
export interface Asker {
  readonly name: string;
  readonly namespace: string;
  /** A sidecar takes the connection and balances it. */
  readonly isRedirected: boolean;
  /** The sidecar answers its questions, too. */
  readonly capturesDns: boolean;
}

/** Which address a name, a cluster IP or a gateway's port leads to, and who stands at an address. */
export class AddressBook {
  dns: ClusterDns;
  readonly #world: AddressBookWorld;
  readonly #balancePurpose: number;
  /** Of every pod there ever was: answers may come from one that is gone. */
  readonly #podByIp = new Map<string, PodFacts>();
  /** By who asks: how often they chose. */
  readonly #turns = new Map<string, number>();
  #serviceByIp = new Map<string, Service>();
  #view: ClusterView;

  constructor(view: ClusterView, world: AddressBookWorld) {
    this.#world = world;
    this.#balancePurpose = streamHash(world.seed, 'node/balance');
    this.#view = view;
    this.dns = new ClusterDns(view);
    this.#index(view);
  }

  /** The cluster has changed. */
  update(view: ClusterView): void {
    const { pods, store } = this.#view;
    this.#view = view;
    if (view.pods === pods && view.store.of('ServiceEntry') === store.of('ServiceEntry')) return;
    this.dns = new ClusterDns(view);
    this.#index(view);
  }

  #index(view: ClusterView): void {
    this.#serviceByIp = new Map();
    for (const service of view.store.of('Service')) {
      const { clusterIP } = service.spec;
      if (clusterIP !== '' && clusterIP !== 'None') this.#serviceByIp.set(clusterIP, service);
    }
    for (const pod of view.pods) this.#podByIp.set(pod.ip, pod);
  }

  /** `ip:port` for a name as an application writes it; undefined when it leads nowhere. */
  resolve(asker: Asker, host: string, port: number): string | undefined {
    const answer = this.dns.lookUp(host, asker.namespace);
    if (answer.kind === 'outside' && !this.#world.resolvesOutside(host)) return undefined;
    switch (answer.kind) {
      case 'address':
        return `${answer.address}:${port}`;
      case 'outside':
      case 'unknown':
        return `${this.#allocated(asker, host) ?? this.#world.external.addressOf(host)}:${port}`;
      case 'service': {
        const { service, addresses } = answer;
        // Without a sidecar it is the node that leads from the cluster IP to a pod.
        if (!asker.isRedirected) return this.behindService(service, port, asker.name);
        if (addresses.length === 0) return undefined;
        return `${addresses[this.#nextTurn(asker.name) % addresses.length]}:${port}`;
      }
    }
  }

  #allocated({ capturesDns }: Asker, host: string): string | undefined {
    return capturesDns ? this.#world.allocatedAddressOf(host) : undefined;
  }

  /** A ServiceEntry's addresses are no part of DNS: names beyond the cluster have the outside's. */
  addressesOf(name: string, namespace: string): readonly string[] | undefined {
    if (isIpAddress(name)) return [name];
    const answer = this.dns.lookUp(name, namespace);
    if (answer.kind === 'service') return answer.addresses;
    const isKnown = answer.kind !== 'unknown' && this.#world.resolvesOutside(name);
    return isKnown ? [this.#world.external.addressOf(name)] : undefined;
  }

  /**
   * The pod that a connection to a service reaches when no proxy balances it: any ready one.
   *
   * @source kubernetes: pkg/proxy/iptables/proxier.go, the statistic module's random mode
   */
  behindService(service: Service, port: number, askerName: string): string | undefined {
    const ready = this.dns.podsOf(service).filter((pod) => pod.isReady && this.#world.isAlive(pod));
    if (ready.length === 0) return undefined;
    const uniform = keyedUniform(this.#balancePurpose, {
      rootNumber: this.#nextTurn(askerName),
      streamHash: streamHash(this.#world.seed, askerName),
      callPathHash: 0,
      attempt: 1,
    });
    const pod = ready[Math.floor(uniform * ready.length)]!;
    const targetPort = targetPortOf(service, port, pod);
    return targetPort === undefined ? undefined : `${pod.ip}:${targetPort}`;
  }

  /** The service whose cluster IP it is. */
  serviceAt(ip: string): Service | undefined {
    return this.#serviceByIp.get(ip);
  }

  /** The pod that has, or had, an IP. */
  podAt(ip: string): PodFacts | undefined {
    return this.#podByIp.get(ip);
  }

  /** The container's port behind a gateway Service's port. */
  gatewayPort(gateway: PodFacts, port: number): number {
    for (const service of this.#view.store.of('Service')) {
      const isBehind = this.dns.podsOf(service).some((pod) => podKey(pod) === podKey(gateway));
      const target = isBehind ? targetPortOf(service, port, gateway) : undefined;
      if (target !== undefined) return target;
    }
    return port;
  }

  /** What telemetry says of whoever stands at `ip:port`. */
  labelsAt(address: string): WorkloadLabels {
    const ip = ipOf(address);
    const pod = this.#podByIp.get(ip);
    if (pod !== undefined) return workloadLabels(pod, TRUST_DOMAIN);
    return outsideLabels(this.#world.external.hostAt(ip));
  }

  #nextTurn(askerName: string): number {
    const turn = this.#turns.get(askerName) ?? 0;
    this.#turns.set(askerName, turn + 1);
    return turn;
  }
}
