import type { Uint64 } from '#kernel/uint64.ts';
import type { Host } from '../upstream/host.ts';
import type { TurnPolicy } from './edf-load-balancer.ts';
import type { HostSource } from './host-source.ts';
import { RotatingIndex } from './rotating-index.ts';

/**
 * One host after the other. Each source has an index of its own, all of them started at the balancer's
 * seed; it is kept when the list of hosts changes, and the new size applies.
 *
 * @source envoy: load_balancing_policies/round_robin/round_robin_lb.h
 */
export const ROUND_ROBIN: TurnPolicy = {
  refresh(source: HostSource, seed: Uint64): void {
    source.index ??= new RotatingIndex(seed);
    if (source.hosts.length > 0) source.index.resize(source.hosts.length);
  },

  pick(source: HostSource): Host {
    return source.hosts[source.index!.next()]!;
  },

  weightOf(host: Host): number {
    return host.weight;
  },
};
