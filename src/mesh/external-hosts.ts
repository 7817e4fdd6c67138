import type { Network } from '#envoy/network.ts';
import type { CompiledBehaviour } from '#world/compiled-behaviour.ts';
import { Instance, type InstanceWorld } from '#world/instance.ts';
import { Outbound } from '#world/outbound.ts';
import { allocateAddresses, isInRange, OUTSIDE_RANGE } from './cluster/address-allocation.ts';

/** What outside hosts need. */
export interface OutsideWorld extends InstanceWorld {
  readonly network: Network;
  readonly seed: number;
  /** How a host outside behaves. */
  behaviourOf(host: string): CompiledBehaviour;
}

/** The hosts outside the mesh: each has an address by its name, and one instance that answers. */
export class ExternalHosts {
  readonly #world: OutsideWorld;
  readonly #addresses = new Map<string, string>();
  readonly #hosts = new Map<string, string>();
  readonly #instances = new Map<string, Instance>();

  /** `known`: every name that manifests and scenario mention, so that no address depends on traffic. */
  constructor(world: OutsideWorld, known: Iterable<string>) {
    this.#world = world;
    this.#add(known);
  }

  /** The address of a host's name. */
  addressOf(host: string): string {
    const known = this.#addresses.get(host);
    if (known !== undefined) return known;
    this.#add([host]);
    return this.#addresses.get(host)!;
  }

  /** The name behind an address, or the address itself. */
  hostAt(address: string): string {
    return this.#hosts.get(address) ?? address;
  }

  /** Who answers for a name or an address. */
  instanceFor(hostOrAddress: string): Instance {
    const host = this.hostAt(hostOrAddress);
    let instance = this.#instances.get(host);
    if (instance === undefined) {
      const { network, dispatcher, seed } = this.#world;
      const origin = { name: `external/${host}`, address: host, network, resolve: () => undefined };
      const outbound = new Outbound(origin, dispatcher, seed);
      instance = new Instance(host, this.#world, this.#world.behaviourOf(host), outbound);
      this.#instances.set(host, instance);
    }
    return instance;
  }

  /** Behaviours have changed. */
  refresh(): void {
    for (const [host, instance] of this.#instances)
      instance.behaviour = this.#world.behaviourOf(host);
  }

  /** Every host that was asked for anything. */
  get contacted(): readonly string[] {
    return [...this.#instances.keys()].sort();
  }

  static isOutside(address: string): boolean {
    return isInRange(address, OUTSIDE_RANGE);
  }

  #add(names: Iterable<string>): void {
    const missing = [...names].filter((name) => !this.#addresses.has(name));
    const taken = new Set(this.#addresses.values());
    for (const [name, address] of allocateAddresses(missing, OUTSIDE_RANGE, taken)) {
      this.#addresses.set(name, address);
      this.#hosts.set(address, name);
    }
  }
}
