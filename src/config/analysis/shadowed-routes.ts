import type { StringMatch } from '../istio/shared-shapes.ts';
import type { HttpMatchRequest } from '../istio/virtual-service.ts';
import type { VirtualService } from '../resource.ts';
import type { AnalysisContext, Analyzer } from './analysis-context.ts';

/** Matches that no request reaches because an earlier one takes all that they would. */
export const shadowedRouteAnalyzer: Analyzer = {
  name: 'meshsim.ShadowedRoutes',
  inputs: ['VirtualService'],
  analyze(context) {
    for (const service of context.of('VirtualService')) {
      checkShadows(context, service);
      checkWeights(context, service);
    }
  },
};

interface PlacedMatch {
  readonly rule: number;
  readonly index: number;
  readonly match: HttpMatchRequest;
}

/** Routes are tried in order; the first whose conditions all hold is taken. */
function checkShadows(context: AnalysisContext, service: VirtualService): void {
  const { http } = service.spec;
  // What a delegate's matches become depends on its root's.
  if (http.some(({ delegate }) => delegate !== undefined)) return;
  const earlier: PlacedMatch[] = [];
  for (const [rule, route] of http.entries()) {
    for (const [index, match] of route.match.entries()) {
      const shadow = earlier.find((former) => covers(former.match, match));
      if (shadow === undefined) earlier.push({ rule, index, match });
      else if (!isSaidByIstio(shadow.match, match))
        context.report('MS0018', service, [`http[${shadow.rule}].match[${shadow.index}]`], {
          at: ['spec', 'http', rule, 'match', index],
          hint: 'put the more specific rule first',
        });
    }
  }
}

/** Equal matches, and prefixes without further conditions: IST0130 and its warnings. */
function isSaidByIstio(former: HttpMatchRequest, latter: HttpMatchRequest): boolean {
  const sameConditions = covers({ ...latter, uri: undefined }, { ...former, uri: undefined });
  const bothPrefixes = former.uri?.prefix !== undefined && latter.uri?.prefix !== undefined;
  return sameConditions && (bothPrefixes || coversText(latter.uri, former.uri));
}

function covers(former: HttpMatchRequest, latter: HttpMatchRequest): boolean {
  return (
    (former.port === 0 || former.port === latter.port) &&
    coversCallers(former, latter) &&
    coversUri(former, latter) &&
    coversText(former.scheme, latter.scheme) &&
    coversText(former.method, latter.method) &&
    coversText(former.authority, latter.authority) &&
    coversAll(former.headers, latter.headers) &&
    coversAll(former.queryParams, latter.queryParams) &&
    [...former.withoutHeaders].every(([name, value]) => {
      const other = latter.withoutHeaders.get(name);
      return other !== undefined && coversText(other, value);
    })
  );
}

function coversCallers(former: HttpMatchRequest, latter: HttpMatchRequest): boolean {
  const { gateways, sourceLabels, sourceNamespace } = former;
  const isAnyGateway =
    gateways.length === 0 ||
    (latter.gateways.length > 0 && latter.gateways.every((it) => gateways.includes(it)));
  const hasLabels = [...sourceLabels].every(
    ([name, value]) => latter.sourceLabels.get(name) === value,
  );
  const isAnyNamespace = sourceNamespace === '' || sourceNamespace === latter.sourceNamespace;
  return isAnyGateway && hasLabels && isAnyNamespace;
}

function coversUri(former: HttpMatchRequest, latter: HttpMatchRequest): boolean {
  if (former.uri?.prefix === '/') return true;
  if (!former.ignoreUriCase) return !latter.ignoreUriCase && coversText(former.uri, latter.uri);
  return coversText(lowerCased(former.uri), lowerCased(latter.uri));
}

function lowerCased(match: StringMatch | undefined): StringMatch | undefined {
  if (match?.regex !== undefined) return match;
  return (
    match && {
      exact: match.exact?.toLowerCase(),
      prefix: match.prefix?.toLowerCase(),
      regex: undefined,
    }
  );
}

function coversAll(
  former: ReadonlyMap<string, StringMatch>,
  latter: ReadonlyMap<string, StringMatch>,
): boolean {
  return [...former].every(([name, match]) => {
    const other = latter.get(name);
    if (other === undefined) return false;
    const isPresence = [match.exact, match.prefix, match.regex].every((it) => it === undefined);
    return isPresence || coversText(match, other);
  });
}

/** Whether every text that `latter` matches is matched by `former`; no match at all takes any. */
function coversText(former: StringMatch | undefined, latter: StringMatch | undefined): boolean {
  if (former === undefined || former.regex === '.*') return true;
  if (latter === undefined) return false;
  if (former.regex !== undefined) return former.regex === latter.regex;
  if (former.exact !== undefined) return former.exact === latter.exact;
  if (former.prefix === undefined) return false;
  const text = latter.exact ?? latter.prefix;
  return text?.startsWith(former.prefix) === true;
}

/** Shares are weights by their sum, whatever it is. */
function checkWeights(context: AnalysisContext, service: VirtualService): void {
  for (const [index, { route }] of service.spec.http.entries()) {
    const sum = route.reduce((total, { weight }) => total + weight, 0);
    if (route.length < 2 || sum === 0 || sum === 100) continue;
    const shares = route.map(({ destination, weight }) => {
      const subset = destination?.subset ? ` ${destination.subset}` : '';
      return `${destination?.host ?? ''}${subset} ${Math.round((1000 * weight) / sum) / 10} %`;
    });
    const at = ['spec', 'http', index, 'route'];
    context.report('MS0017', service, [sum, shares.join(', ')], { at });
  }
}
