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

/** Undefined where one list is longer. */
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

const dependent = new WeakMap<readonly VirtualService[], readonly number[]>();

function callerDependent(virtualServices: readonly VirtualService[]): readonly number[] {
  let places = dependent.get(virtualServices);
  if (places === undefined) {
    places = [...virtualServices.keys()].filter((at) => !isSameForCallers(virtualServices[at]!));
    dependent.set(virtualServices, places);
  }
  return places;
}

function speakingOf(
  virtualServices: readonly VirtualService[],
  hosts: ReadonlySet<HostName>,
): readonly number[] {
  if (hosts.size === 0) return [];
  const byHost = placesByHost(virtualServices);
  return [...hosts].flatMap((host) => byHost.get(host) ?? []);
}

const places = new WeakMap<readonly VirtualService[], ReadonlyMap<HostName, readonly number[]>>();

function placesByHost(
  virtualServices: readonly VirtualService[],
): ReadonlyMap<HostName, readonly number[]> {
  const known = places.get(virtualServices);
  if (known !== undefined) return known;
  const byHost = new Map<HostName, number[]>();
  for (const [place, virtualService] of virtualServices.entries()) {
    for (const host of hostsIn(virtualService)) {
      const own = byHost.get(host);
      if (own === undefined) byHost.set(host, [place]);
      else own.push(place);
    }
  }
  places.set(virtualServices, byHost);
  return byHost;
}

const mentioned = new WeakMap<VirtualService, ReadonlySet<HostName>>();

function hostsIn(virtualService: VirtualService): ReadonlySet<HostName> {
  let hosts = mentioned.get(virtualService);
  if (hosts === undefined) {
    const all = new Set<HostName>();
    for (const host of virtualService.hosts) addHost(all, host);
    for (const host of allDestinationsOf(virtualService).keys()) addHost(all, host);
    mentioned.set(virtualService, all);
    hosts = all;
  }
  return hosts;
}

/** Answers are remembered while both objects are there: all namespaces ask the same of one change. */
function memoOfPairs<A extends object, B extends object, Answer>(
  answer: (a: A, b: B) => Answer,
): (a: A, b: B) => Answer {
  const known = new WeakMap<A, WeakMap<B, { readonly answer: Answer }>>();
  return (a, b) => {
    let byB = known.get(a);
    if (byB === undefined) {
      byB = new WeakMap();
      known.set(a, byB);
    }
    let found = byB.get(b);
    if (found === undefined) {
      found = { answer: answer(a, b) };
      byB.set(b, found);
    }
    return found.answer;
  };
}
