import { pickLeastRequest } from '#envoy/load-balancing/least-request.ts';
import type { Host } from '#envoy/upstream/host.ts';
import { hostsOf } from '#envoy/upstream/host-builder.ts';
import { type Random, randomStream } from '#kernel/random.ts';

/** Sends each request to one of many instances as Envoy's LEAST_REQUEST does among hosts of equal weight. */
export class Choosing {
  readonly #hosts: readonly Host[];
  readonly #indexes: ReadonlyMap<Host, number>;
  readonly #choiceCount: number;
  readonly #random: Random;

  constructor(hostCount: number, choiceCount: number, seed: number) {
    this.#hosts = hostsOf(Array.from({ length: hostCount }, (_, index) => `${index}`));
    this.#indexes = new Map(this.#hosts.map((host, index) => [host, index]));
    this.#choiceCount = choiceCount;
    this.#random = randomStream(seed, 'proxy/theory/lb');
  }

  /** The instance of the next request. */
  start(): number {
    const host = pickLeastRequest(this.#hosts, this.#choiceCount, this.#random);
    host.rqActive++;
    return this.#indexes.get(host)!;
  }

  end(instance: number): void {
    this.#hosts[instance]!.rqActive--;
  }
}
