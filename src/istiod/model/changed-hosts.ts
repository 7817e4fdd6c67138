import type { HostName } from './host-name.ts';

/**
 * Hosts about which something has changed; `undefined` = it may be any.
 *
 * @source istio: pilot/pkg/model/push_context.go, PushRequest.ConfigsUpdated
 */
export type ChangedHosts = ReadonlySet<HostName> | undefined;

/** Hosts are added as they are written and in lower case: they are asked for in both spellings. */
export function addHost(hosts: Set<HostName>, host: HostName): void {
  hosts.add(host);
  hosts.add(host.toLowerCase());
}

/** The hosts for which two maps have different objects. */
export function changedKeys(
  before: ReadonlyMap<HostName, unknown>,
  now: ReadonlyMap<HostName, unknown>,
): ReadonlySet<HostName> {
  const changed = new Set<HostName>();
  for (const [host, value] of now) if (before.get(host) !== value) addHost(changed, host);
  for (const host of before.keys()) if (!now.has(host)) addHost(changed, host);
  return changed;
}
