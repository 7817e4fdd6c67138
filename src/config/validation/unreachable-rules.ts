import { memoOf } from '#source/memo.ts';
import type { Path } from '#source/path.ts';
import type { StringMatch } from '../istio/shared-shapes.ts';
import type { HttpMatchRequest, HttpRoute } from '../istio/virtual-service.ts';
import { Findings } from './findings.ts';
import { quoted } from './go-format.ts';

/** A route of any of the three lists, as far as reachability needs it. TLS and TCP have no names. */
interface Route {
  readonly match: readonly object[];
}

/**
 * Rules and matches that no request can reach, because earlier ones take all that they match.
 *
 * @source istio: pkg/config/validation/validation.go, analyzeUnreachableHTTPRules,
 *   analyzeUnreachableTCPRules, analyzeUnreachableTLSRules
 */
export function checkReachability(routes: readonly Route[], path: Path): Findings {
  const findings = new Findings();
  if (routes.length === 0) return findings;
  const ruleOfMatch = new Map<string, number>();
  const keys = matchKeys(routes);
  let withoutMatch = false;
  for (const [index, route] of routes.entries()) {
    const rule = nameOf(route, index);
    const at = [...path, index];
    if (route.match.length === 0) {
      if (withoutMatch) unused(findings, at, rule, 'only the last rule can have no matches');
      withoutMatch = true;
      continue;
    }
    let duplicates = 0;
    for (const [matchIndex, match] of route.match.entries()) {
      if (withoutMatch) {
        unused(findings, at, rule, 'route without matches defined before');
        continue;
      }
      const key = keys[index]![matchIndex]!;
      const earlier = ruleOfMatch.get(key);
      if (earlier === undefined) {
        ruleOfMatch.set(key, index);
        continue;
      }
      const names = [rule, nameOf(match, matchIndex), nameOf(routes[earlier]!, earlier)] as const;
      ineffective(findings, [...at, 'match', matchIndex], names);
      duplicates++;
    }
    if (duplicates === route.match.length)
      unused(findings, at, rule, 'all matches used by prior rules');
  }
  return findings;
}

/** Prefix matches that an earlier, shorter prefix covers; after `checkReachability`, for HTTP alone. */
export function checkPrefixOverlaps(routes: readonly HttpRoute[], path: Path): Findings {
  const findings = new Findings();
  const prefixes = effectivePrefixMatches(routes);
  for (const [index, former] of prefixes.entries()) {
    for (let later = index + 1; later < prefixes.length; later++) {
      const latter = prefixes[later]!;
      if (former.prefix === latter.prefix || !covers(former, latter)) continue;
      const [rule, match] = namesOf(latter, routes);
      const [byRule, byMatch] = namesOf(former, routes);
      const by = `${byMatch} of prefix ${former.prefix} on ${byRule}`;
      const at = [...path, latter.route, 'match', latter.index];
      ineffective(findings, at, [rule, `${match} of prefix ${latter.prefix}`, by]);
    }
  }
  return findings;
}

/** A match, the place of its route and its own in that. */
interface PrefixMatch {
  readonly route: number;
  readonly index: number;
  readonly prefix: string;
  readonly match: HttpMatchRequest;
}

function namesOf(
  { route, index, match }: PrefixMatch,
  routes: readonly HttpRoute[],
): readonly [rule: string, match: string] {
  return [nameOf(routes[route]!, route), nameOf(match, index)];
}

/** The prefix matches that are reachable and no duplicates, in order. */
function effectivePrefixMatches(routes: readonly HttpRoute[]): readonly PrefixMatch[] {
  const seen = new Set<string>();
  const keys = matchKeys(routes);
  const found: PrefixMatch[] = [];
  for (const [index, route] of routes.entries()) {
    if (route.match.length === 0) return found;
    for (const [matchIndex, match] of route.match.entries()) {
      const key = keys[index]![matchIndex]!;
      if (seen.has(key)) continue;
      seen.add(key);
      const prefix = match.uri?.prefix ?? '';
      if (prefix !== '') found.push({ route: index, index: matchIndex, prefix, match });
    }
  }
  return found;
}

function exactOrPrefix(match: StringMatch | undefined): string {
  if (match?.exact) return `exact:${match.exact}`;
  return match?.prefix ? `prefix:${match.prefix}` : '';
}

/** @source istio: pkg/config/validation/validation.go, coveredValidation */
function covers(former: PrefixMatch, latter: PrefixMatch): boolean {
  if (!latter.prefix.startsWith(former.prefix)) return false;
  const [by, match] = [former.match, latter.match];
  return (
    match.port === by.port &&
    methodOf(by).startsWith(methodOf(match)) &&
    exactOrPrefix(by.authority).startsWith(exactOrPrefix(match.authority)) &&
    coversEntries(by.headers, match.headers) &&
    coversEntries(by.queryParams, match.queryParams) &&
    coversEntries(by.withoutHeaders, match.withoutHeaders)
  );
}

function methodOf(match: HttpMatchRequest): string {
  return exactOrPrefix(match.method) || 'exact:GET';
}

function coversEntries(
  former: ReadonlyMap<string, StringMatch>,
  latter: ReadonlyMap<string, StringMatch>,
): boolean {
  if (former.size !== latter.size) return false;
  for (const [key, value] of former) {
    const other = latter.get(key);
    if (other === undefined || !exactOrPrefix(value).startsWith(exactOrPrefix(other))) return false;
  }
  return true;
}

/**
 * Of each match of each route: equal matches have equal keys, all that they say but the name. Both
 * checks ask for them.
 */
const matchKeys = memoOf((routes: readonly Route[]): readonly (readonly string[])[] =>
  routes.map(({ match }) => match.map(keyOf)),
);

function keyOf(match: object): string {
  let key = '';
  for (const name of Object.keys(match)) {
    const value: unknown = Reflect.get(match, name);
    if (value !== undefined && name !== 'name') key += memberText(name, value);
  }
  return key;
}

/** Every value is told from every other of its kind; what is not written gives nothing. */
function memberText(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'object' || value === null) return `${name}:${JSON.stringify(value)};`;
  if (value instanceof Map) return value.size === 0 ? '' : `${name}{${entriesText(value)}}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return '';
    return `${name}[${value.map((item) => `${memberText('', item)},`).join('')}]`;
  }
  return `${name}(${Object.entries(value)
    .map(([key, item]) => memberText(key, item))
    .join('')})`;
}

function entriesText(entries: ReadonlyMap<string, unknown>): string {
  return [...entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}=${memberText('', item)},`)
    .join('');
}

function nameOf(it: object, index: number): string {
  const name = 'name' in it && typeof it.name === 'string' ? it.name : '';
  return name === '' ? `#${index}` : quoted(name);
}

function unused(findings: Findings, path: Path, rule: string, reason: string): void {
  const analysis = { code: 'IST0130', parameters: [rule, reason] };
  findings.warning(path, `virtualService rule ${rule} not used (${reason})`, analysis);
}

function ineffective(
  findings: Findings,
  path: Path,
  [rule, match, by]: readonly [string, string, string],
): void {
  const message = `virtualService rule ${rule} match ${match} is not used (duplicate/overlapping match in rule ${by})`;
  findings.warning(path, message, { code: 'IST0131', parameters: [rule, match, by] });
}
