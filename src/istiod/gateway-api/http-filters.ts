import type {
  CorsFilter,
  HttpRouteFilter,
  RequestMirror,
  RequestRedirect,
  UrlRewrite,
} from '#config/gateway-api/route-filters.ts';
import { backendDestination, type RouteIdentity } from './backends.ts';
import type { ConfigError, RuleFindings } from './config-error.ts';
import { collectHeaderChange, type HeaderChanges, headersOf } from './header-filters.ts';
import type { ConfigValue } from './made-config.ts';
import type { Surroundings } from './surroundings.ts';

/** What the filters of a rule set in the derived route. */
export interface FilterFields {
  readonly headers: ConfigValue;
  readonly redirect: ConfigValue;
  readonly rewrite: ConfigValue;
  readonly corsPolicy: ConfigValue;
  readonly mirrors: readonly ConfigValue[];
}

/** @source istio: pilot/pkg/config/kube/gateway/conversion.go, convertHTTPRoute */
export function httpFilterFields(
  filters: readonly HttpRouteFilter[],
  route: RouteIdentity,
  around: Surroundings,
  findings: RuleFindings,
): FilterFields {
  const changes: HeaderChanges = {};
  const mirrors: ConfigValue[] = [];
  let redirect: ConfigValue;
  let rewrite: ConfigValue;
  let corsPolicy: ConfigValue;
  for (const filter of filters) {
    if (collectHeaderChange(filter, changes, findings)) continue;
    switch (filter.type) {
      case 'RequestRedirect':
        redirect = redirectOf(filter.requestRedirect);
        break;
      case 'RequestMirror': {
        const mirror = mirrorOf(filter.requestMirror, route, around);
        if (mirror.error === undefined) mirrors.push(mirror.policy);
        else findings.invalidMirror = mirror.error;
        break;
      }
      case 'URLRewrite':
        rewrite = rewriteOf(filter.urlRewrite);
        break;
      case 'CORS':
        corsPolicy = corsPolicyOf(filter.cors);
        break;
      default:
        findings.refuse(unsupportedFilter(filter.type));
    }
  }
  return { headers: headersOf(changes), redirect, rewrite, corsPolicy, mirrors };
}

export function unsupportedFilter(type: string): ConfigError {
  return { reason: 'InvalidFilter', message: `unsupported filter type "${type}"` };
}

/** @source istio: the same file, createMirrorFilter */
export function mirrorOf(
  mirror: RequestMirror | undefined,
  route: RouteIdentity,
  around: Surroundings,
): { readonly policy: ConfigValue; readonly error: ConfigError | undefined } {
  if (mirror?.backendRef === undefined) return { policy: undefined, error: undefined };
  const { destination, error } = backendDestination(mirror.backendRef, route, around);
  const { fraction, percent } = mirror;
  const value =
    fraction === undefined ? percent : (100 * fraction.numerator) / (fraction.denominator ?? 100);
  const percentage = value === undefined ? undefined : { value };
  return { policy: { destination, percentage }, error };
}

/** @source istio: the same file, createRedirectFilter */
function redirectOf(redirect: RequestRedirect | undefined): ConfigValue {
  if (redirect === undefined) return undefined;
  const { scheme, hostname, port, path, statusCode } = redirect;
  const derived = scheme === undefined ? 'FROM_REQUEST_PORT' : undefined;
  return {
    redirectCode: statusCode,
    authority: hostname,
    scheme,
    port,
    // `FROM_PROTOCOL_DEFAULT` is the zero value, and written as such.
    derivePort: port === undefined ? (derived ?? 'FROM_PROTOCOL_DEFAULT') : undefined,
    uri: path?.type === 'ReplaceFullPath' ? path.replaceFullPath : undefined,
    // Nothing is what is not said: a plain string of Istio's.
    prefixRewrite:
      path?.type === 'ReplacePrefixMatch' ? path.replacePrefixMatch || undefined : undefined,
  };
}

/** @source istio: the same file, createRewriteFilter */
function rewriteOf(rewrite: UrlRewrite | undefined): ConfigValue {
  if (rewrite === undefined) return undefined;
  const { path, hostname } = rewrite;
  const replacesPrefix = path?.type === 'ReplacePrefixMatch';
  // `/` stands for the removal of the prefix.
  const uri = replacesPrefix
    ? withoutTrailingSlash(path.replacePrefixMatch ?? '') || '/'
    : undefined;
  const uriRegexRewrite =
    path?.type === 'ReplaceFullPath'
      ? { match: '/.*', rewrite: path.replaceFullPath ?? '' }
      : undefined;
  const isEmpty = uri === undefined && uriRegexRewrite === undefined && hostname === undefined;
  return isEmpty ? undefined : { uri, uriRegexRewrite, authority: hostname };
}

export function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** @source istio: the same file, createCorsFilter */
function corsPolicyOf(cors: CorsFilter | undefined): ConfigValue {
  if (cors === undefined) return undefined;
  return {
    allowOrigins: cors.allowOrigins.filter((origin) => origin !== '').map(originMatch),
    allowCredentials: cors.allowCredentials === true ? true : undefined,
    allowMethods: cors.allowMethods,
    allowHeaders: cors.allowHeaders,
    exposeHeaders: cors.exposeHeaders,
    maxAge: cors.maxAge > 0 ? `${cors.maxAge}s` : undefined,
    unmatchedPreflights: 'IGNORE',
  };
}

/** Scheme and host of any origin. */
const ANY_ORIGIN = '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/\\s?#]+$';

function originMatch(origin: string): ConfigValue {
  if (origin === '*') return { regex: ANY_ORIGIN };
  const star = origin.indexOf('*');
  if (star < 0) return { exact: origin };
  if (star === origin.length - 1) return { prefix: origin.slice(0, -1) };
  return { regex: `^${quoteMeta(origin).replaceAll('\\*', '.*')}$` };
}

/** @source go: regexp.QuoteMeta */
function quoteMeta(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
