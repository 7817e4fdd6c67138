import type { Random } from '#kernel/random.ts';
import { modUint64 } from '#kernel/uint64.ts';
import type { Host } from '../upstream/host.ts';
import { HostSources, type HostSourcesOptions } from './host-source.ts';
import {
  chooseAcceptableHost,
  type HostChooser,
  type LoadBalancer,
  type LoadBalancerContext,
} from './load-balancer.ts';

/** Nothing of a source changes with its hosts: no rotation, no schedule. */
const NOBODY = { onHostsUpdate() {}, onSourceUpdate() {} };

/**
 * Any host, whatever its weight. One number decides both priority and host, so that with several
 * priorities the two are correlated.
 *
 * @source envoy: load_balancing_policies/random/random_lb.cc
 */
export class RandomLoadBalancer implements LoadBalancer, HostChooser {
  readonly #sources: HostSources;
  readonly #random: Random;

  constructor(options: HostSourcesOptions) {
    this.#random = options.random;
    this.#sources = new HostSources(options, NOBODY);
    this.#sources.start();
  }

  chooseHost(context: LoadBalancerContext | undefined): Host | undefined {
    return chooseAcceptableHost(this, context);
  }

  chooseOnce(context: LoadBalancerContext | undefined): Host | undefined {
    const { sole } = this.#sources;
    if (sole !== undefined && context?.retryPriority === undefined) {
      return sole.hosts.length === 0
        ? undefined
        : sole.hosts[this.#random.below(sole.hosts.length)];
    }
    const drawn = this.#random.uint64();
    const hosts = this.#sources.choose(context, modUint64(drawn, 100))?.hosts;
    if (hosts === undefined || hosts.length === 0) return undefined;
    return hosts[modUint64(drawn, hosts.length)];
  }

  stop(): void {
    this.#sources.stop();
  }
}
