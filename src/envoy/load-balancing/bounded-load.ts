import type { Uint64 } from '#kernel/uint64.ts';
import type { HashHosts } from './hash-weights.ts';
import { Mt19937 } from './mt19937.ts';

/**
 * How many requests a host may have: its share of the balance factor's percentage of all, at least 1.
 *
 * @source envoy: load_balancing_policies/common/thread_aware_lb_impl.cc, hostOverloadFactor
 */
export function boundedLoadSlots(
  overallActive: number,
  balanceFactor: number,
  weight: number,
): number {
  const totalSlots = Math.floor(((overallActive + 1) * balanceFactor + 99) / 100);
  return Math.max(1, Math.ceil(totalSlots * weight));
}

/**
 * Consistent hashing that goes past overloaded hosts: the hashed host if it may take one more, else
 * the first of the others, in an order that the hash shuffles, that may; else the least overloaded.
 *
 * @source envoy: load_balancing_policies/common/thread_aware_lb_impl.cc, BoundedLoadHashingLoadBalancer
 */
export class BoundedLoad {
  readonly #balanceFactor: number;
  readonly #cluster: { readonly upstreamRqActive: number };
  readonly #random = new Mt19937();
  /** Reused by every shuffle. */
  #order = new Uint32Array(0);

  constructor(balanceFactor: number, cluster: { readonly upstreamRqActive: number }) {
    this.#balanceFactor = balanceFactor;
    this.#cluster = cluster;
  }

  /** The host to take when the table says `hashed`; both are indices of `hosts`. */
  pick(hashed: number, hash: Uint64, hosts: HashHosts): number {
    let leastOverload = this.#overloadOf(hashed, hosts);
    if (leastOverload <= 1) return hashed;
    let leastOverloaded = hashed;
    const count = hosts.hosts.length;
    this.#startShuffle(count, hash);
    for (let place = 0; place < count; place++) {
      const candidate = this.#nextShuffled(place, count);
      if (candidate === hashed) continue;
      const overload = this.#overloadOf(candidate, hosts);
      if (overload <= 1) return candidate;
      if (overload < leastOverload) {
        leastOverload = overload;
        leastOverloaded = candidate;
      }
    }
    return leastOverloaded;
  }

  /** The order in which `count` hosts are probed for `hash`. */
  probeOrder(count: number, hash: Uint64): number[] {
    this.#startShuffle(count, hash);
    return Array.from({ length: count }, (_, place) => this.#nextShuffled(place, count));
  }

  #startShuffle(count: number, hash: Uint64): void {
    if (this.#order.length < count) this.#order = new Uint32Array(count);
    for (let place = 0; place < count; place++) this.#order[place] = place;
    this.#random.seed(hash.low);
  }

  #nextShuffled(place: number, count: number): number {
    const order = this.#order;
    const other = place + this.#uniform(count - place);
    const chosen = order[other]!;
    order[other] = order[place]!;
    order[place] = chosen;
    return chosen;
  }

  #uniform(below: number): number {
    const bucket = Math.floor(2 ** 32 / below);
    let drawn = below;
    while (drawn >= below) drawn = Math.floor(this.#random.draw() / bucket);
    return drawn;
  }

  #overloadOf(index: number, { hosts, weights }: HashHosts): number {
    const { upstreamRqActive } = this.#cluster;
    const slots = boundedLoadSlots(upstreamRqActive, this.#balanceFactor, weights[index]!);
    return hosts[index]!.rqActive / slots;
  }
}
