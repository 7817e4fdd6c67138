import type { StringMatch } from '#config/istio/shared-shapes.ts';
import type { HttpMatchRequest, HttpRoute } from '#config/istio/virtual-service.ts';
import type { DestinationRule, Service, VirtualService } from '#config/resource.ts';
import { resolveShortName, serviceHostName } from '#istiod/model/names.ts';

/** The subsets of a rule, as far as some pods are in them. */
export interface PodSubsets {
  readonly matching: readonly string[];
  readonly nonMatching: readonly string[];
}

/** What the lines are written for. */
export interface DescribedDestination extends PodSubsets {
  readonly service: Service;
  readonly rule: DestinationRule | undefined;
  readonly domain: string;
  /** A resource by name, without the namespace that the reader is in. */
  readonly nameOf: (metadata: { readonly name: string; readonly namespace: string }) => string;
}

/**
 * A VirtualService as far as it leads to a service's pods, indented lines.
 *
 * @source istio: istioctl/pkg/describe/describe.go, printVirtualService
 */
export function virtualServiceLines(
  virtualService: VirtualService,
  to: DescribedDestination,
): readonly string[] {
  const { http, tcp, tls } = virtualService.spec;
  const routes = [
    ...http.map((route) => httpFacts(virtualService, route, to)),
    ...tcp.map(({ route }) => ({
      isMatch: route.some(({ destination }) => leadsTo(destination?.host, virtualService, to)),
      facts: [],
    })),
  ];
  const matching = routes.filter(({ isMatch }) => isMatch);
  const mismatches = routes.flatMap(({ isMatch, facts }) => (isMatch ? [] : facts));
  const notes = mismatches.map((note) => `      ${note}`);
  const title = `VirtualService: ${to.nameOf(virtualService.metadata)}`;
  if (matching.length === 0) {
    const checked = (count: number, kind: string) =>
      count === 0
        ? []
        : [`   WARNING: No destinations match pod subsets (checked ${count} ${kind} routes)`];
    return [title, ...checked(http.length, 'HTTP'), ...checked(tcp.length, 'TCP'), ...notes];
  }
  const facts = matching.flatMap((route) => route.facts.map((fact) => `   ${fact}`));
  const others = http.length + tls.length + tcp.length - matching.length;
  if (others > 0) {
    const rest = `   ${others} additional destination(s) that will not reach this pod`;
    return [title, ...facts, rest, ...(facts.length === 0 ? notes : [])];
  }
  if (facts.length > 0) return [title, ...facts];
  const counted = (count: number, kind: string) =>
    count === 0 ? [] : [`   ${count} ${kind} route(s)`];
  return [title, ...counted(http.length, 'HTTP'), ...counted(tcp.length, 'TCP')];
}

interface RouteFacts {
  readonly isMatch: boolean;
  readonly facts: readonly string[];
}

/** @source istio: the same file, httpRouteMatchSvc */
function httpFacts(
  virtualService: VirtualService,
  route: HttpRoute,
  to: DescribedDestination,
): RouteFacts {
  const facts: string[] = [];
  const mismatches: string[] = [];
  let isMatch = false;
  for (const { destination, weight } of route.route) {
    const host = destination?.host ?? '';
    const subset = destination?.subset ?? '';
    if (!leadsTo(host, virtualService, to)) {
      facts.push(
        subset === ''
          ? `Route to host "${host}" with weight ${weight}%`
          : `Route to ${host} with invalid config`,
      );
      continue;
    }
    const mismatch = subsetMismatch(subset, route, to);
    if (mismatch !== undefined) {
      mismatches.push(mismatch);
      continue;
    }
    isMatch = true;
    const named = subset === '' ? '' : ` subset "${subset}"`;
    if (weight > 0) facts.push(`Route to host "${host}"${named} with weight ${weight}%`);
  }
  if (!isMatch) return { isMatch, facts: [...facts, ...mismatches] };
  const fault = route.fault === undefined ? [] : [faultText(route.fault)];
  const conditions = [...fault, ...route.match.map(matchText)];
  return { isMatch, facts: conditions.length === 0 ? facts : [...facts, conditions.join(', ')] };
}

function leadsTo(
  host: string | undefined,
  { metadata }: VirtualService,
  { service, domain }: DescribedDestination,
): boolean {
  const own = serviceHostName(service.metadata.name, service.metadata.namespace, domain);
  return resolveShortName(host ?? '', metadata.namespace, domain) === own;
}

function subsetMismatch(
  subset: string,
  route: HttpRoute,
  { matching, nonMatching, rule, nameOf }: DescribedDestination,
): string | undefined {
  if (subset === '' || matching.includes(subset)) return undefined;
  if (nonMatching.includes(subset)) {
    const matches = route.match.map(matchText).join(', ') || 'everything';
    return `Route to non-matching subset ${subset} for (${matches})`;
  }
  return rule === undefined
    ? `Warning: Route to subset ${subset} but NO DESTINATION RULE defining subsets!`
    : `Warning: Route to UNKNOWN subset ${subset}; check DestinationRule ${nameOf(rule.metadata)}`;
}

function faultText({ abort, delay }: NonNullable<HttpRoute['fault']>): string {
  const parts = [delay === undefined ? '' : 'delay', abort === undefined ? '' : 'abort'];
  return `Fault injection ${parts.filter((part) => part !== '').join(' and ')}`;
}

/** @source istio: the same file, renderMatch */
function matchText({ uri, ignoreUriCase, headers }: HttpMatchRequest): string {
  const path = uri === undefined ? '' : `${stringMatchText(uri)}${ignoreUriCase ? ' uncased' : ''}`;
  const wanted = [...headers].map(([name, value]) => `${name}=${stringMatchText(value)}`);
  const conditions = wanted.length === 0 ? '' : ` when headers are ${wanted.join('; ')}`;
  return `Match: ${path}${conditions}`.trim();
}

function stringMatchText({ exact, prefix, regex }: StringMatch): string {
  if (exact !== undefined) return exact;
  return prefix === undefined ? `regex:"${regex ?? ''}"` : `${prefix}*`;
}
