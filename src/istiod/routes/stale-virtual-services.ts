import { memoOf, memoOfPairs } from '#source/memo.ts';
import { addHost, changedKeys } from '../model/changed-hosts.ts';
import type { DestinationRuleIndex } from '../model/destination-rule-index.ts';
import type { HostName } from '../model/host-name.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { allDestinationsOf } from '../model/virtual-service-destinations.ts';
import { isSameForCallers } from './guarded-group.ts';
import type { ServicesByHost } from './sidecar-virtual-service-hosts.ts';

/** What the routes of a port are made from. */
export interface RouteSources {
  /** In order of precedence. */
  readonly virtualServices: readonly VirtualService[];
  readonly services: ServicesByHost;
  readonly rules: DestinationRuleIndex;
}

/**
 * The places of the VirtualServices whose routes may be others than before: they have changed
 * themselves, or a service or rule that they speak of has, or they tell callers apart. Undefined where
 * any may be, and where there are more or fewer than before.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, BuildSidecarOutboundVirtualHosts: what it reads
 */
export function staleVirtualServices(
  before: RouteSources,
  now: RouteSources,
): ReadonlySet<number> | undefined {
  if (before.rules.hasSelectors || now.rules.hasSelectors) return undefined;
  const changed = changedPlaces(before.virtualServices, now.virtualServices);
  const hosts = now.rules.changedSince(before.rules);
  if (changed === undefined || hosts === undefined) return undefined;
  return new Set([
    ...changed,
    ...callerDependent(now.virtualServices),
    ...speakingOf(now.virtualServices, hosts),
    ...speakingOf(now.virtualServices, changedServices(before.services, now.services)),
  ]);
}

/** All namespaces ask the same of one change. Undefined where one list is longer. */
const changedPlaces = memoOfPairs(
  (before: readonly VirtualService[], now: readonly VirtualService[]) => {
    if (before.length !== now.length) return undefined;
    return [...now.keys()].filter((place) => now[place] !== before[place]);
  },
);

const changedServices = memoOfPairs((before: ServicesByHost, now: ServicesByHost) =>
  before === now ? NO_HOSTS : changedKeys(before, now),
);

const NO_HOSTS: ReadonlySet<HostName> = new Set();

const callerDependent = memoOf((virtualServices: readonly VirtualService[]): readonly number[] =>
  [...virtualServices.keys()].filter((at) => !isSameForCallers(virtualServices[at]!)),
);

function speakingOf(
  virtualServices: readonly VirtualService[],
  hosts: ReadonlySet<HostName>,
): readonly number[] {
  if (hosts.size === 0) return [];
  const byHost = placesByHost(virtualServices);
  return [...hosts].flatMap((host) => byHost.get(host) ?? []);
}

const placesByHost = memoOf((virtualServices: readonly VirtualService[]) => {
  const byHost = new Map<HostName, number[]>();
  for (const [place, virtualService] of virtualServices.entries()) {
    for (const host of hostsIn(virtualService)) {
      const own = byHost.get(host);
      if (own === undefined) byHost.set(host, [place]);
      else own.push(place);
    }
  }
  return byHost;
});

const hostsIn = memoOf((virtualService: VirtualService): ReadonlySet<HostName> => {
  const all = new Set<HostName>();
  for (const host of virtualService.hosts) addHost(all, host);
  for (const host of allDestinationsOf(virtualService).keys()) addHost(all, host);
  return all;
});
