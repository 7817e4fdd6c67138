import type { Dispatcher } from '#kernel/dispatcher.ts';
import type { Random } from '#kernel/random.ts';
import type { Cluster } from '#xds/cluster.ts';
import { durationMs } from '#xds/duration.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { LoadBalancer } from '../load-balancing/load-balancer.ts';
import { compileLoadAssignment, loadAssignmentOf } from './host-description.ts';
import { DynamicForwardHosts } from './host-dynamic-forward.ts';
import type { HostMembership } from './host-membership.ts';
import { OriginalDstHosts } from './host-original-dst.ts';
import { compileDnsRefresh, type DnsResolver, HostResolution } from './host-resolution.ts';

export interface HostDiscoveryOptions {
  readonly cluster: Cluster;
  readonly dispatcher: Dispatcher;
  readonly membership: HostMembership;
  /** Undefined = names stand for themselves, and whoever connects finds the way. */
  readonly resolver: DnsResolver | undefined;
  /** A stream of this proxy and cluster alone; asked for when it is needed. */
  random(): Random;
}

const DEFAULT_CLEANUP_INTERVAL_MS = 5000;
const DYNAMIC_FORWARD_PROXY = 'envoy.clusters.dynamic_forward_proxy';
/** `host_ttl` of its cache. */
const HOST_TTL_MS = 300_000;

/**
 * What finds the hosts of a cluster, by its type: a list that is handed in (STATIC, EDS), names
 * (STRICT_DNS, LOGICAL_DNS), or the connections themselves (ORIGINAL_DST).
 *
 * @source envoy: source/common/upstream/cluster_factory_impl.cc; source/extensions/clusters
 */
export class HostDiscovery {
  readonly #options: HostDiscoveryOptions;
  /** Of a cluster whose hosts are those that are asked for: all workers choose by it. */
  readonly originalDst: LoadBalancer | undefined;
  /** Hosts are found by the names that are asked for. */
  readonly isForwardProxy: boolean = false;
  #resolution: HostResolution | undefined;

  constructor(options: HostDiscoveryOptions) {
    this.#options = options;
    const { cluster, dispatcher, membership } = options;
    const isForward = cluster.clusterType?.name === DYNAMIC_FORWARD_PROXY;
    if (cluster.type !== 'ORIGINAL_DST' && !isForward) return;
    const cleanupMs = isForward
      ? HOST_TTL_MS
      : (durationMs(cluster.cleanupInterval) ?? DEFAULT_CLEANUP_INTERVAL_MS);
    const hosts = new OriginalDstHosts(dispatcher, membership, cleanupMs);
    const port = cluster.transportSocket === undefined ? 80 : 443;
    this.isForwardProxy = isForward;
    this.originalDst = isForward
      ? new DynamicForwardHosts(dispatcher, hosts, options.resolver, port)
      : hosts;
  }

  /** Takes up endpoints: hosts, or the names to resolve. */
  update(assignment: ClusterLoadAssignment | undefined): void {
    const { cluster, membership, resolver } = this.#options;
    if (this.originalDst !== undefined) return;
    const isNamed = cluster.type === 'STRICT_DNS' || cluster.type === 'LOGICAL_DNS';
    if (!isNamed || resolver === undefined || assignment === undefined) {
      membership.update(
        assignment === undefined ? loadAssignmentOf([]) : compileLoadAssignment(assignment),
      );
      return;
    }
    this.#resolution?.stop();
    this.#resolution = new HostResolution({
      ...this.#options,
      kind: cluster.type === 'LOGICAL_DNS' ? 'LOGICAL_DNS' : 'STRICT_DNS',
      assignment,
      refresh: compileDnsRefresh(cluster),
      resolver,
      random: this.#options.random(),
    });
  }

  stop(): void {
    this.#resolution?.stop();
    this.originalDst?.stop();
  }
}

/** Whether a cluster does something by itself before anybody uses it: it must exist from the start. */
export function actsUnused(cluster: Cluster): boolean {
  const slowStart =
    cluster.roundRobinLbConfig?.slowStartConfig ?? cluster.leastRequestLbConfig?.slowStartConfig;
  return (cluster.healthChecks ?? []).length > 0 || slowStart !== undefined;
}
