import { Host } from './host.ts';
import type { HostDescription } from './host-description.ts';
import { HealthFlag, withEdsHealth } from './host-health.ts';

/** What a cluster does with hosts that are new or gone. */
export interface HostLifecycle {
  /** Hosts are checked actively: new ones start failed, gone ones stay as long as they pass. */
  readonly hasActiveHealthChecks: boolean;
  readonly ignoreNewHostsUntilFirstHc: boolean;
  readonly ignoreHealthOnHostRemoval: boolean;
}

/** The hosts of one priority after an update, and what it changed. */
export interface HostListUpdate {
  readonly hosts: readonly Host[];
  readonly added: readonly Host[];
  /** No longer in this priority; a host may have moved to another one. */
  readonly removed: readonly Host[];
  /** Anything that a rebuild of the host set is worth: members, health, weight or metadata. */
  readonly isChanged: boolean;
}

/** The hosts of all priorities by address, before and during an update. */
export interface HostIndex {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Every address that the new configuration names, in any priority. */
  readonly newAddresses: ReadonlySet<string>;
}

/**
 * The hosts of one priority under new configuration: in its order, with the objects of hosts whose
 * address and locality stayed. Hosts that left configuration but still pass active health checks stay
 * at the end. A mere change of order changes nothing, nor does a host that stays only so, or is back.
 *
 * @source envoy: source/common/upstream/upstream_impl.cc, BaseDynamicClusterImpl::updateDynamicHostList
 */
export function updateHostList(
  priority: number,
  current: readonly Host[],
  endpoints: readonly HostDescription[],
  index: HostIndex,
  lifecycle: HostLifecycle,
): HostListUpdate {
  const hosts: Host[] = [];
  const added: Host[] = [];
  let isChanged = false;
  for (const endpoint of endpoints) {
    const known = index.hosts.get(endpoint.address);
    if (known !== undefined && isSameLocality(known.description, endpoint)) {
      if (known.priority !== priority) {
        added.push(known);
        known.priority = priority;
      }
      isChanged = redescribe(known, endpoint) || isChanged;
      hosts.push(known);
    } else {
      const host = newHost(endpoint, priority, lifecycle);
      added.push(host);
      hosts.push(host);
    }
  }
  const kept = new Set(hosts);
  const removed: Host[] = [];
  for (const host of current) {
    if (kept.has(host)) continue;
    if (staysWhileHealthy(host, index.newAddresses, lifecycle)) {
      host.setFlag(HealthFlag.pendingDynamicRemoval);
      hosts.push(host);
    } else {
      removed.push(host);
    }
  }
  isChanged = isChanged || added.length > 0 || removed.length > 0;
  return { hosts: isChanged ? hosts : current, added, removed, isChanged };
}

function newHost(endpoint: HostDescription, priority: number, lifecycle: HostLifecycle): Host {
  const host = new Host(endpoint, priority);
  const isChecked = endpoint.healthCheck?.disableActiveHealthCheck !== true;
  if (lifecycle.hasActiveHealthChecks && isChecked) {
    host.setFlag(HealthFlag.failedActiveHc);
    if (lifecycle.ignoreNewHostsUntilFirstHc) host.setFlag(HealthFlag.pendingActiveHc);
  }
  return host;
}

/** Gives a known host its new description; true when a balancer could notice. */
function redescribe(host: Host, endpoint: HostDescription): boolean {
  const before = host.description;
  const wasBefore = host.healthFlags & ~HealthFlag.pendingDynamicRemoval;
  const flags = withEdsHealth(wasBefore, endpoint.healthStatus);
  const isChanged =
    flags !== wasBefore ||
    host.weight !== endpoint.weight ||
    before.metadataKey !== endpoint.metadataKey;
  host.healthFlags = flags;
  host.weight = endpoint.weight;
  host.description = endpoint;
  return isChanged;
}

function staysWhileHealthy(
  host: Host,
  newAddresses: ReadonlySet<string>,
  lifecycle: HostLifecycle,
): boolean {
  const failed =
    HealthFlag.failedActiveHc | HealthFlag.failedEdsHealth | HealthFlag.edsStatusDraining;
  return (
    lifecycle.hasActiveHealthChecks &&
    !lifecycle.ignoreHealthOnHostRemoval &&
    !newAddresses.has(host.address) &&
    !host.hasFlag(failed)
  );
}

function isSameLocality(a: HostDescription, b: HostDescription): boolean {
  return a.locality.key === b.locality.key;
}
