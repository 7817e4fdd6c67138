import type { Path } from '#source/path.ts';
import type { StringMatch } from '../istio/shared-shapes.ts';
import type { HttpRoute } from '../istio/virtual-service.ts';
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
    for (const latter of prefixes.slice(index + 1)) {
      if (former.prefix === latter.prefix || !covers(former, latter)) continue;
      const match = `${latter.match} of prefix ${latter.prefix}`;
      const by = `${former.match} of prefix ${former.prefix} on ${former.rule}`;
      ineffective(findings, [...path, ...latter.path], [latter.rule, match, by]);
    }
  }
  return findings;
}

interface PrefixMatch {
  readonly rule: string;
  readonly match: string;
  readonly path: Path;
  readonly prefix: string;
  readonly port: number;
  readonly method: string;
  readonly authority: string;
  readonly maps: readonly ReadonlyMap<string, string>[];
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
      if (prefix === '') continue;
      found.push({
        rule: nameOf(route, index),
        match: nameOf(match, matchIndex),
        path: [index, 'match', matchIndex],
        prefix,
        port: match.port,
        method: exactOrPrefix(match.method) || 'exact:GET',
        authority: exactOrPrefix(match.authority),
        maps: [match.headers, match.queryParams, match.withoutHeaders].map(flatten),
      });
    }
  }
  return found;
}

function flatten(matches: ReadonlyMap<string, StringMatch>): ReadonlyMap<string, string> {
  if (matches.size === 0) return NOTHING;
  return new Map([...matches].map(([name, match]) => [name, exactOrPrefix(match)]));
}

const NOTHING: ReadonlyMap<string, string> = new Map();

function exactOrPrefix(match: StringMatch | undefined): string {
  if (match?.exact) return `exact:${match.exact}`;
  return match?.prefix ? `prefix:${match.prefix}` : '';
}

/** @source istio: pkg/config/validation/validation.go, coveredValidation */
function covers(former: PrefixMatch, latter: PrefixMatch): boolean {
  return (
    latter.prefix.startsWith(former.prefix) &&
    latter.port === former.port &&
    former.method.startsWith(latter.method) &&
    former.authority.startsWith(latter.authority) &&
    former.maps.every((entries, index) => coversEntries(entries, latter.maps[index]!))
  );
}

function coversEntries(
  former: ReadonlyMap<string, string>,
  latter: ReadonlyMap<string, string>,
): boolean {
  if (former.size !== latter.size) return false;
  if (former.size === 0) return true;
  return [...former].every(([key, value]) => {
    const other = latter.get(key);
    return other !== undefined && value.startsWith(other);
  });
}

/** Both checks ask for them. */
const keysKnown = new WeakMap<readonly Route[], readonly (readonly string[])[]>();

/** Of each match of each route: equal matches have equal keys, all that they say but the name. */
function matchKeys(routes: readonly Route[]): readonly (readonly string[])[] {
  let keys = keysKnown.get(routes);
  if (keys === undefined) {
    keys = routes.map(({ match }) => match.map(keyOf));
    keysKnown.set(routes, keys);
  }
  return keys;
}

function keyOf(match: object): string {
  let key = '';
  for (const [name, value] of Object.entries(match)) {
    if (name !== 'name') key += memberText(name, value);
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
