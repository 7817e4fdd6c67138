import type { Resource } from '#config/resource.ts';
import type { Path } from '#source/path.ts';
import type { MatchRank } from './http-match.ts';
import type { ConfigValue } from './made-config.ts';

/** Where a derived route, or a part of it, was written. */
export interface RuleSource {
  readonly route: Resource;
  /** `['spec', 'rules', 0]`. */
  readonly rule: Path;
  /** Of the match that the route was made for; a rule with several makes several. */
  readonly matchIndex: number | undefined;
  /** The backends of the destinations, in order: those without weight are left out. */
  readonly backendIndexes: readonly number[];
}

/** An entry of a derived VirtualService's `http`, `tcp` or `tls`. */
export interface DerivedRoute {
  readonly fields: { readonly [field: string]: ConfigValue };
  readonly source: RuleSource;
}

/** An entry of `http`: it has at most one match, and a rank by it. */
export interface DerivedHttpRoute extends DerivedRoute {
  readonly match: { readonly [field: string]: ConfigValue } | undefined;
  readonly rank: MatchRank | undefined;
}

/** The path, in the route that was written, of a value of a derived route. */
export function writtenPath(source: RuleSource, path: Path): Path {
  const [field, index] = path;
  const { rule, matchIndex, backendIndexes } = source;
  if (field === 'match' && matchIndex !== undefined) return [...rule, 'matches', matchIndex];
  if (field === 'route' && typeof index === 'number' && backendIndexes[index] !== undefined)
    return [...rule, 'backendRefs', backendIndexes[index]];
  if (field === 'route') return [...rule, 'backendRefs'];
  const written = FIELDS.get(String(field));
  return written === undefined ? rule : [...rule, ...written];
}

const FIELDS: ReadonlyMap<string, Path> = new Map([
  ['timeout', ['timeouts']],
  ['retries', ['retry']],
  ['name', ['name']],
  ['headers', ['filters']],
  ['redirect', ['filters']],
  ['rewrite', ['filters']],
  ['mirrors', ['filters']],
  ['corsPolicy', ['filters']],
]);
