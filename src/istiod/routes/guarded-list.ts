import type { HostName } from '../model/host-name.ts';
import type { Service } from '../model/service.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import type { GuardedRoutes } from './guarded-group.ts';
import { type RouteSources, staleVirtualServices } from './stale-virtual-services.ts';

type Groups = readonly GuardedRoutes[];

/** The routes of a port and their hosts: those of VirtualServices, then those of services without any. */
export interface GuardedList {
  readonly sources: RouteSources;
  /** Of each VirtualService. */
  readonly groups: readonly Groups[];
  /** Services that no VirtualService speaks of. */
  readonly plain: readonly Service[];
  readonly all: Groups;
  /** The places in `all` where only routes are others than they were in another list. */
  readonly replaced: Replaced | undefined;
}

interface Replaced {
  readonly of: Groups;
  readonly places: readonly number[];
}

/** Makes what is not known. */
export interface GuardsHosts {
  ofVirtualService(virtualService: VirtualService): Groups;
  byDefault(service: Service): Groups;
}

/**
 * What guards the hosts of a port. Of the list before, what no change is about is taken over as it
 * stands.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, BuildSidecarOutboundVirtualHosts
 */
export function nextGuardedList(
  before: GuardedList | undefined,
  sources: RouteSources,
  makes: GuardsHosts,
): GuardedList {
  const stale = before && staleVirtualServices(before.sources, sources);
  if (before === undefined || stale === undefined) {
    const groups = sources.virtualServices.map((it) => makes.ofVirtualService(it));
    return wholeList(groups, sources, makes);
  }
  const groups = [...before.groups];
  for (const place of stale) {
    groups[place] = makes.ofVirtualService(sources.virtualServices[place]!);
  }
  const hasSameServices = before.sources.services === sources.services;
  return (
    (hasSameServices ? patchedList(before, groups, [...stale], sources) : undefined) ??
    wholeList(groups, sources, makes)
  );
}

function wholeList(
  groups: readonly Groups[],
  sources: RouteSources,
  makes: GuardsHosts,
): GuardedList {
  const all = groups.flat();
  const taken = new Set<HostName>();
  for (const { services } of all) for (const { hostname } of services) taken.add(hostname);
  const plain: Service[] = [];
  for (const service of sources.services.values()) {
    if (taken.has(service.hostname) || service.resolution === 'Alias') continue;
    plain.push(service);
    all.push(...makes.byDefault(service));
  }
  return { sources, groups, plain, all, replaced: undefined };
}

/** Undefined where hosts have changed hands, and where rules have changed for services without routes. */
function patchedList(
  before: GuardedList,
  groups: readonly Groups[],
  stale: readonly number[],
  sources: RouteSources,
): GuardedList | undefined {
  const { plain } = before;
  const hosts = sources.rules.changedSince(before.sources.rules);
  if (hosts === undefined || plain.some(({ hostname }) => hosts.has(hostname))) return undefined;
  const places: number[] = [];
  let all = before.all;
  for (const place of stale) {
    const [old, now] = [before.groups[place]!, groups[place]!];
    if (old === now) continue;
    if (old.length !== now.length) return undefined;
    if (!now.every((group, index) => haveSameHosts(group, old[index]!))) return undefined;
    if (old.length === 0) continue;
    const start = all.indexOf(old[0]!);
    if (all === before.all) all = [...all];
    for (const [index, group] of now.entries()) {
      (all as GuardedRoutes[])[start + index] = group;
      places.push(start + index);
    }
  }
  return { sources, groups, plain, all, replaced: { of: before.all, places } };
}

/** The places at which two lists with the same hosts have other routes; undefined for other hosts. */
export function replacedPlaces(before: Groups, now: GuardedList): readonly number[] | undefined {
  if (now.replaced?.of === before) return now.replaced.places;
  const { all } = now;
  if (before.length !== all.length) return undefined;
  const places: number[] = [];
  for (let place = 0; place < all.length; place++) {
    if (all[place] === before[place]) continue;
    if (!haveSameHosts(all[place]!, before[place]!)) return undefined;
    places.push(place);
  }
  return places;
}

function haveSameHosts(a: GuardedRoutes, b: GuardedRoutes): boolean {
  return (
    a === b ||
    (a.port === b.port &&
      (a.virtualService === undefined) === (b.virtualService === undefined) &&
      areSame(a.services, b.services) &&
      areSame(a.otherHosts, b.otherHosts))
  );
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
