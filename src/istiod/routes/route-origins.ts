import type { Path } from '#source/path.ts';
import type { Route, VirtualHost } from '#xds/route.ts';
import { meshOrigin, type OriginNotes, originOf } from '../clusters/cluster-origins.ts';
import { CORS_FILTER, FAULT_FILTER } from '../listeners/http-filters.ts';
import { hostsOverlap } from '../model/host-name.ts';
import type { Service } from '../model/service.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import type { Origin } from '../origin.ts';
import type { RouteContext } from './route-context.ts';

/** The entry of `http`, and of its `match`, that a route was made from. */
export interface RouteRuleIndex {
  readonly index: number;
  /** Undefined without `match`. */
  readonly matchIndex: number | undefined;
}

/** Which field of an `http` entry decides which field of a route. */
const ROUTE_FIELDS = [
  ['requestHeadersToAdd', 'headers'],
  ['requestHeadersToRemove', 'headers'],
  ['responseHeadersToAdd', 'headers'],
  ['responseHeadersToRemove', 'headers'],
  ['redirect', 'redirect'],
  ['directResponse', 'directResponse'],
] as const;

/** The same of a route's action. */
const ACTION_FIELDS = [
  ['timeout', 'timeout'],
  ['retryPolicy', 'retries'],
  ['prefixRewrite', 'rewrite'],
  ['regexRewrite', 'rewrite'],
  ['hostRewriteLiteral', 'rewrite'],
] as const;

/** Notes where a route, and what it does, stands in a VirtualService or its delegate. */
export function noteRouteOrigins(
  route: Route,
  virtualService: VirtualService,
  rule: RouteRuleIndex,
  { notes, meshRetries }: RouteContext,
): void {
  const source = virtualService.httpSources[rule.index]!;
  const http = virtualService.spec.http[rule.index]!;
  const at = (...path: Path) => originOf(source.resource, [...source.path, ...path]);
  // A delegate's matches are products of its own and its root's: only the route has a place.
  const isOwn = source.resource === virtualService.resource;
  const hasMatch = isOwn && rule.matchIndex !== undefined;
  const own = hasMatch ? at('match', rule.matchIndex!) : at();
  notes.origins.set(route, own);
  notes.origins.set(route.match, own);
  const fields = new Map<string, Origin>();
  for (const [field, decided] of ROUTE_FIELDS) {
    if (route[field] !== undefined) fields.set(field, at(decided));
  }
  noteFilters(notes, route, at);
  notes.fieldOrigins.set(route, fields);
  const action = route.route;
  if (action === undefined) return;
  const actionFields = new Map<string, Origin>();
  for (const [field, decided] of ACTION_FIELDS) {
    if (action[field] !== undefined && http[decided] !== undefined) {
      actionFields.set(field, at(decided));
    }
  }
  if (http.retries === undefined && meshRetries !== undefined) {
    actionFields.set('retryPolicy', meshOrigin(['meshConfig', 'defaultHttpRetryPolicy']));
  }
  if (action.requestMirrorPolicies !== undefined) {
    actionFields.set('requestMirrorPolicies', at(http.mirror === undefined ? 'mirrors' : 'mirror'));
  }
  actionFields.set(action.cluster === undefined ? 'weightedClusters' : 'cluster', at('route'));
  const weighted = action.weightedClusters?.clusters ?? [];
  const counted = http.route.flatMap(({ weight }, index) => (weight === 0 ? [] : [index]));
  weighted.forEach((entry, index) => {
    notes.origins.set(entry, at('route', counted[index]!));
  });
  notes.fieldOrigins.set(action, actionFields);
}

function noteFilters(notes: OriginNotes, route: Route, at: (...path: Path) => Origin): void {
  const fault = route.typedPerFilterConfig?.[FAULT_FILTER];
  if (fault !== undefined) notes.origins.set(fault, at('fault'));
  const cors = route.typedPerFilterConfig?.[CORS_FILTER];
  if (cors !== undefined) notes.origins.set(cors, at('corsPolicy'));
}

/** A virtual host that a VirtualService made: by the host in it that covers this one. */
export function noteVirtualHost(
  notes: OriginNotes,
  virtualHost: VirtualHost,
  host: string,
  { resource, hosts }: VirtualService,
): void {
  const index = hosts.findIndex((written) => hostsOverlap(written.toLowerCase(), host));
  const path = index < 0 ? ['spec', 'hosts'] : ['spec', 'hosts', index];
  notes.origins.set(virtualHost, originOf(resource, path));
}

/** What a service gets without being spoken of. */
export function serviceOrigin({ source }: Service): Origin {
  return originOf(source, ['metadata', 'name']);
}
