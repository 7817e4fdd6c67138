import type { StringMatch } from '../istio/shared-shapes.ts';
import type { HttpMatchRequest } from '../istio/virtual-service.ts';
import type { VirtualService } from '../resource.ts';
import { checkPrefixOverlaps, checkReachability } from '../validation/unreachable-rules.ts';
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
  const said = saidByIstio(service);
  const earlier: PlacedMatch[] = [];
  for (const [rule, route] of http.entries()) {
    if (route.match.length === 0) {
      const shadow = earlier.find((former) => covers(former.match, ANYTHING));
      if (shadow !== undefined)
        context.report('MS0018', service, [`http[${rule}]`, placeName(shadow)], {
          at: ['spec', 'http', rule],
        });
      return; // Of rules behind one without a match IST0130 tells.
    }
    for (const [index, match] of route.match.entries()) {
      const shadow = earlier.find((former) => covers(former.match, match));
      if (shadow === undefined) earlier.push({ rule, index, match });
      else if (!said.has(`${rule}`) && !said.has(`${rule}.${index}`))
        context.report('MS0018', service, [placeName({ rule, index }), placeName(shadow)], {
          at: ['spec', 'http', rule, 'match', index],
          hint: 'put the more specific rule first',
        });
    }
  }
}

function placeName({ rule, index }: Pick<PlacedMatch, 'rule' | 'index'>): string {
  return `http[${rule}].match[${index}]`;
}

/** What a rule without matches has. */
const ANYTHING: HttpMatchRequest = {
  name: '',
  uri: undefined,
  scheme: undefined,
  method: undefined,
  authority: undefined,
  headers: new Map(),
  port: 0,
  sourceLabels: new Map(),
  gateways: [],
  queryParams: new Map(),
  ignoreUriCase: false,
  withoutHeaders: new Map(),
  sourceNamespace: '',
  statPrefix: '',
};

/** Rules and matches (`1`, `1.0`) of which IST0130 and IST0131 tell. */
function saidByIstio({ spec }: VirtualService): ReadonlySet<string> {
  const path = ['spec', 'http'];
  const warnings = [
    ...checkReachability(spec.http, path).warnings,
    ...checkPrefixOverlaps(spec.http, path).warnings,
  ];
  return new Set(
    warnings.map(({ path: [, , rule, , index] }) =>
      index === undefined ? `${rule}` : `${rule}.${index}`,
    ),
  );
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
  if (former.uri === undefined || former.uri.prefix === '/') return true;
  const ignoresCase = latter.ignoreUriCase && hasLetters(latter.uri);
  if (!former.ignoreUriCase) return !ignoresCase && coversText(former.uri, latter.uri);
  return coversText(lowerCased(former.uri), lowerCased(latter.uri));
}

/** Without letters case makes no difference. */
function hasLetters(match: StringMatch | undefined): boolean {
  const text = match?.exact ?? match?.prefix ?? 'a';
  return text.toLowerCase() !== text.toUpperCase();
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
