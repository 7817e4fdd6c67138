import type { Path } from '#source/path.ts';
import type {
  Headers,
  HttpDirectResponse,
  HttpRedirect,
  HttpRewrite,
  HttpRoute,
} from '../istio/virtual-service.ts';
import { checkDestination, checkHeaders, checkHttpRouteDestinations } from './destinations.ts';
import { Findings } from './findings.ts';
import { byteLength, quoted } from './go-format.ts';
import { isAuthorityHeader } from './header-names.ts';
import { checkHttpMatches } from './http-match.ts';
import { checkCorsPolicy, checkFault, checkRetries, httpStatusProblem } from './http-policies.ts';
import { regexProblem } from './string-match.ts';
import { durationProblem, portProblem } from './value-checks.ts';

interface RouteContext {
  /** The VirtualService has no hosts: another one delegates to it. */
  readonly isDelegate: boolean;
  /** Converted from the Gateway API. */
  readonly isConverted: boolean;
}

/** @source istio: pkg/config/validation/virtualservice.go, validateHTTPRoute */
export function checkHttpRoute(route: HttpRoute, context: RouteContext, path: Path): Findings {
  const findings = new Findings();
  for (const problem of conflicts(route, context.isDelegate)) findings.error(path, problem);
  findings.add(checkHttpMatches(route, path));
  const { headers, corsPolicy, fault, redirect, directResponse, retries, rewrite } = route;
  if (headers !== undefined) findings.add(checkHeaders(headers, [...path, 'headers']));
  if (corsPolicy !== undefined) findings.add(checkCorsPolicy(corsPolicy, [...path, 'corsPolicy']));
  if (fault !== undefined) findings.add(checkFault(fault, [...path, 'fault']));
  checkMirrors(route, path, findings);
  if (redirect !== undefined)
    findings.check([...path, 'redirect'], redirectProblem(redirect, route.match));
  if (directResponse !== undefined)
    checkDirectResponse(directResponse, [...path, 'directResponse'], findings);
  if (retries !== undefined) findings.add(checkRetries(retries, [...path, 'retries']));
  if (rewrite !== undefined) findings.check([...path, 'rewrite'], rewriteProblem(rewrite));
  if (headers !== undefined)
    findings.check([...path, 'headers'], authorityProblem(rewrite, headers));
  const destinations = [...path, 'route'];
  findings.add(checkHttpRouteDestinations(route.route, context.isConverted, destinations));
  if (route.timeout !== undefined)
    findings.check([...path, 'timeout'], durationProblem(route.timeout));
  return findings;
}

/** @source istio: pkg/config/validation/virtualservice.go, validateHTTPRouteConflict */
function conflicts(route: HttpRoute, isDelegate: boolean): readonly string[] {
  const hasRoute = route.route.length > 0;
  if (!isDelegate && route.delegate !== undefined) {
    const root = `root HTTP route ${route.name} must not specify`;
    return [
      ...(route.redirect === undefined ? [] : [`${root} redirect`]),
      ...(hasRoute ? [`${root} route`] : []),
    ];
  }
  const nested =
    route.delegate === undefined ? [] : ['delegate HTTP route cannot contain delegate'];
  const mirrors =
    route.mirror !== undefined && route.mirrors.length > 0
      ? ['HTTP route cannot contain both mirror and mirrors']
      : [];
  return [...nested, ...actionConflicts(route, hasRoute), ...mirrors];
}

function actionConflicts(route: HttpRoute, hasRoute: boolean): readonly string[] {
  const { redirect, directResponse, fault, rewrite } = route;
  if (redirect === undefined && directResponse === undefined)
    return hasRoute ? [] : ['HTTP route, redirect or direct_response is required'];
  const action = redirect === undefined ? 'direct_response' : 'redirect';
  const found = [
    hasRoute ? `HTTP route cannot contain both route and ${action}` : undefined,
    fault ? `HTTP route cannot contain both fault and ${action}` : undefined,
    rewrite ? `HTTP route rule cannot contain both rewrite and ${action}` : undefined,
    redirect && directResponse
      ? 'HTTP route rule cannot contain both direct_response and redirect'
      : undefined,
  ];
  return found.filter((text) => text !== undefined);
}

function checkMirrors(route: HttpRoute, path: Path, findings: Findings): void {
  if (route.mirrorPercent !== undefined) {
    const at = [...path, 'mirrorPercent'];
    if (route.mirrorPercent > 100)
      findings.error(
        at,
        `mirror_percent must have a max value of 100 (it has ${route.mirrorPercent})`,
      );
    findings.warning(
      at,
      'using deprecated setting "mirrorPercent", use "mirrorPercentage" instead',
    );
  }
  if (route.mirrorPercentage !== undefined) {
    const at = [...path, 'mirrorPercentage'];
    findings.check(at, mirrorShareProblem('mirror_percentage', route.mirrorPercentage.value));
  }
  if (route.mirror !== undefined) findings.add(checkDestination(route.mirror, [...path, 'mirror']));
  route.mirrors.forEach((mirror, index) => {
    const at = [...path, 'mirrors', index];
    if (mirror.destination === undefined) {
      findings.error(at, 'destination is required for mirrors');
      return;
    }
    findings.add(checkDestination(mirror.destination, [...at, 'destination']));
    if (mirror.percentage !== undefined)
      findings.check(
        [...at, 'percentage'],
        mirrorShareProblem('mirror percentage', mirror.percentage.value),
      );
  });
}

function mirrorShareProblem(name: string, value: number): string | undefined {
  if (value > 100) return `${name} must have a max value of 100 (it has ${value.toFixed(6)})`;
  return value < 0 ? `${name} must have a min value of 0 (it has ${value.toFixed(6)})` : undefined;
}

/** @source istio: pkg/config/validation/validation.go, validateHTTPRedirect */
function redirectProblem(redirect: HttpRedirect, matches: HttpRoute['match']): string | undefined {
  const { uri, prefixRewrite, authority, port, derivePort, scheme, redirectCode } = redirect;
  if (uri !== '' && prefixRewrite !== '')
    return 'redirect may only specify one of uri or prefix_rewrite';
  const needsPrefix = prefixRewrite !== '';
  if (needsPrefix && matches.some((it) => it.uri !== undefined && it.uri.prefix === undefined))
    return 'redirect prefix_rewrite requires all URI matches to use prefix match type';
  const hasPort = port !== undefined || derivePort !== undefined;
  if (uri === '' && !needsPrefix && authority === '' && !hasPort && scheme === '')
    return 'redirect must specify URI, authority, scheme, or port';
  if (redirectCode !== 0 && (redirectCode < 300 || redirectCode > 399))
    return `${redirectCode} is not a valid redirect code, must be 3xx`;
  if (!['', 'http', 'https'].includes(scheme))
    return 'invalid redirect scheme, must be "http" or "https"';
  return port === undefined || port === 0 ? undefined : portProblem(port);
}

const KIBIBYTE = 1024;

/** @source istio: pkg/config/validation/validation.go, validateHTTPDirectResponse */
function checkDirectResponse(response: HttpDirectResponse, path: Path, findings: Findings): void {
  const large = 'large direct_responses may impact control plane performance';
  const size = bodyBytes(response);
  if (size > KIBIBYTE * KIBIBYTE)
    findings.error([...path, 'body'], `${large}, must be less than 1MB`);
  else if (size > 100 * KIBIBYTE) findings.warning([...path, 'body'], large);
  findings.check([...path, 'status'], httpStatusProblem(response.status));
}

function bodyBytes({ body }: HttpDirectResponse): number {
  if (body?.string !== undefined) return byteLength(body.string);
  const base64 = (body?.bytes ?? '').replace(/=+$/, '');
  return Math.floor((base64.length * 3) / 4);
}

/** @source istio: pkg/config/validation/validation.go, validateHTTPRewrite */
function rewriteProblem(rewrite: HttpRewrite): string | undefined {
  const { uri, uriRegexRewrite, authority } = rewrite;
  if (uri !== '' && uriRegexRewrite !== undefined)
    return 'rewrite may only contain one of URI or UriRegexRewrite';
  if (uri === '' && uriRegexRewrite === undefined && authority === '')
    return 'rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified';
  if (uriRegexRewrite === undefined) return undefined;
  const { match, rewrite: replacement } = uriRegexRewrite;
  const problem =
    match === '' || replacement === ''
      ? 'UriRegexRewrite requires both Rewrite and Match fields to be specified'
      : regexProblem(match, 'HTTPRewrite.UriRegexRewrite.Match');
  return problem === undefined ? undefined : `UriRegexRewrite has errors\n${problem}`;
}

/** The authority may be set in one place only. @source virtualservice.go, validateAuthorityRewrite */
function authorityProblem(
  rewrite: HttpRewrite | undefined,
  { request }: Headers,
): string | undefined {
  let current = rewrite?.authority ?? '';
  for (const [name, value] of [...(request?.set ?? []), ...(request?.add ?? [])]) {
    if (!isAuthorityHeader(name)) continue;
    if (current !== '')
      return `authority header cannot be set multiple times: have ${quoted(current)}, attempting to set ${quoted(value)}`;
    current = value;
  }
  return undefined;
}
