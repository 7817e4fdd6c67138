import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { LoadBalancer, LoadBalancerContext } from '../load-balancing/load-balancer.ts';
import type { Host } from './host.ts';
import { type HostDescription, loadAssignmentOf, NO_LOCALITY } from './host-description.ts';
import type { HostMembership } from './host-membership.ts';

const CLEANUP = 0;
const NO_METADATA: HostDescription['metadata'] = new Map();

/**
 * The hosts of an ORIGINAL_DST cluster: each connection goes where its client meant it to go. A host
 * is made when it is first asked for and leaves when a whole cleanup interval passed without use.
 *
 * @source envoy: source/extensions/clusters/original_dst/original_dst_cluster.cc
 */
export class OriginalDstHosts implements LoadBalancer, EventTarget {
  declare private readonly membership: HostMembership;
  declare private readonly cleanup: Timer;
  declare private readonly cleanupIntervalNs: number;
  readonly #descriptions = new Map<string, HostDescription>();
  /** Addresses that were asked for since the last cleanup. */
  readonly #used = new Set<string>();
  /**
   * The one given last, if it is among the used ones. A sidecar's inbound side asks for one address without
   * end: of W1's time it takes 0.1 % instead of 1.1 % (bench/scenario-run.mjs under --cpu-prof).
   */
  #latest: Host | undefined = undefined;

  constructor(dispatcher: Dispatcher, membership: HostMembership, cleanupIntervalMs: number) {
    this.membership = membership;
    this.cleanup = dispatcher.createTimer(this, CLEANUP);
    this.cleanupIntervalNs = cleanupIntervalMs * 1e6;
  }

  chooseHost(context: LoadBalancerContext | undefined): Host | undefined {
    const address = context?.originalDestination;
    return address === undefined ? undefined : this.hostAt(address);
  }

  /** The host at `ip:port`, made if it was not asked for yet. */
  hostAt(address: string): Host {
    const latest = this.#latest;
    if (latest !== undefined && latest.address === address) return latest;
    this.#used.add(address);
    const host = this.membership.hosts.get(address) ?? this.#addHost(address);
    this.#latest = host;
    return host;
  }

  onEvent(): void {
    let hasLeft = false;
    for (const address of this.#descriptions.keys()) {
      const host = this.membership.hosts.get(address)!;
      if (this.#used.has(address) || host.rqActive > 0 || host.cxActive > 0) continue;
      this.#descriptions.delete(address);
      hasLeft = true;
    }
    this.#used.clear();
    this.#latest = undefined;
    if (hasLeft) this.#updateMembership();
    if (this.#descriptions.size > 0) this.cleanup.enable(this.cleanupIntervalNs);
  }

  stop(): void {
    this.cleanup.disable();
  }

  #addHost(address: string): Host {
    this.#descriptions.set(address, {
      address,
      hostname: '',
      locality: NO_LOCALITY,
      weight: 1,
      healthStatus: 'UNKNOWN',
      metadata: NO_METADATA,
      metadataKey: '',
      isCanary: false,
    });
    this.#updateMembership();
    // Nothing to clean as long as there is no host.
    if (!this.cleanup.isEnabled) this.cleanup.enable(this.cleanupIntervalNs);
    return this.membership.hosts.get(address)!;
  }

  #updateMembership(): void {
    this.membership.update(loadAssignmentOf([[...this.#descriptions.values()]]));
  }
}
