import type { GrpcRouteMatch } from '#config/gateway-api/grpc-route.ts';
import type { HttpRouteMatch, NameMatch } from '#config/gateway-api/http-route.ts';
import type { RuleFindings } from './config-error.ts';
import { withoutTrailingSlash } from './http-filters.ts';
import type { ConfigValue } from './made-config.ts';

/** How a derived route is put in order: what its path is matched by, and how exactly. */
export interface MatchRank {
  /** Exact 3, prefix 2, regular expression 1, any path -1. */
  readonly pathKind: number;
  readonly pathLength: number;
  readonly hasMethod: boolean;
  readonly headerCount: number;
  readonly queryCount: number;
}

/** One match of a derived route. */
export interface ConvertedMatch {
  readonly fields: { readonly [field: string]: ConfigValue };
  readonly rank: MatchRank;
}

interface PathMatch {
  readonly kind: 'exact' | 'prefix' | 'regex';
  readonly value: string;
}

const PATH_KINDS = { exact: 3, prefix: 2, regex: 1 } as const;

/** @source istio: pilot/pkg/config/kube/gateway/conversion.go, createURIMatch and its neighbours */
export function httpMatch(match: HttpRouteMatch): ConvertedMatch {
  const headers = nameMatches(match.headers);
  const queryParams = nameMatches(match.queryParams);
  const method = match.method === undefined ? undefined : { exact: match.method };
  return converted(httpPath(match.path), { headers, queryParams, method });
}

function httpPath(path: HttpRouteMatch['path']): PathMatch {
  const value = path?.value ?? '/';
  switch (path?.type) {
    case 'Exact':
      return { kind: 'exact', value };
    case 'RegularExpression':
      return { kind: 'regex', value };
    default:
      return { kind: 'prefix', value: value === '/' ? value : withoutTrailingSlash(value) };
  }
}

/** @source istio: the same file, createGRPCURIMatch, createGRPCHeadersMatch */
export function grpcMatch(match: GrpcRouteMatch, findings: RuleFindings): ConvertedMatch {
  const headers = nameMatches(match.headers);
  return converted(grpcPath(match.method, findings), {
    headers,
    queryParams: new Map(),
    method: undefined,
  });
}

/** A gRPC path is `/SERVICE/METHOD`. */
function grpcPath(wanted: GrpcRouteMatch['method'], findings: RuleFindings): PathMatch | undefined {
  if (wanted === undefined) return undefined;
  const { service, method, type } = wanted;
  if (service === undefined && method === undefined) {
    const message = 'gRPC match must have method or service defined';
    findings.refuse({ reason: 'InvalidConfiguration', message });
    return undefined;
  }
  if (service === undefined) return { kind: 'regex', value: `/[^/]+/${method}` };
  const isRegex = type === 'RegularExpression';
  if (method === undefined)
    return isRegex
      ? { kind: 'regex', value: `/${service}/.+` }
      : { kind: 'prefix', value: `/${service}/` };
  return { kind: isRegex ? 'regex' : 'exact', value: `/${service}/${method}` };
}

function converted(
  path: PathMatch | undefined,
  others: {
    readonly headers: ReadonlyMap<string, ConfigValue>;
    readonly queryParams: ReadonlyMap<string, ConfigValue>;
    readonly method: ConfigValue;
  },
): ConvertedMatch {
  const uri = path === undefined ? undefined : { [path.kind]: path.value };
  return {
    fields: { uri, ...others },
    rank: {
      pathKind: path === undefined ? -1 : PATH_KINDS[path.kind],
      pathLength: path?.value.length ?? 0,
      hasMethod: others.method !== undefined,
      headerCount: others.headers.size,
      queryCount: others.queryParams.size,
    },
  };
}

function nameMatches(matches: readonly NameMatch[]): ReadonlyMap<string, ConfigValue> {
  return new Map(
    matches.map(({ name, type, value }) => [
      name,
      type === 'RegularExpression' ? { regex: value } : { exact: value },
    ]),
  );
}
