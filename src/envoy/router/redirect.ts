import type { RedirectAction } from '#xds/route.ts';
import { portStart } from '../http/authority.ts';
import { pathEnd } from '../http/path.ts';
import { RequestHead } from '../http/request-head.ts';
import type { HttpRequest } from '../network.ts';
import type { ReportProblem } from '../string-matcher.ts';
import type { PathCondition } from './path-condition.ts';
import { compilePathRewrite, type PathRewrite, rewrittenPath } from './path-rewrite.ts';

export interface CompiledRedirect {
  readonly xds: RedirectAction;
  readonly status: number;
  readonly pathRewrite: PathRewrite | undefined;
}

const STATUS: { readonly [code in NonNullable<RedirectAction['responseCode']>]: number } = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

export function compileRedirect(xds: RedirectAction, report: ReportProblem): CompiledRedirect {
  return {
    xds,
    status: STATUS[xds.responseCode ?? 'MOVED_PERMANENTLY'],
    pathRewrite: compilePathRewrite(xds, report),
  };
}

/**
 * The `location` that a request is sent to.
 *
 * @source envoy: source/common/http/utility.cc, Utility::newUri
 */
export function redirectLocation(
  { xds, pathRewrite }: CompiledRedirect,
  condition: PathCondition,
  request: HttpRequest,
): string {
  const scheme = xds.httpsRedirect ? 'https' : xds.schemeRedirect || request.scheme;
  const host = xds.hostRedirect || requestHost(xds, scheme, request);
  const port = xds.portRedirect ? `:${xds.portRedirect}` : '';
  return `${scheme}://${host}${port}${redirectPath(xds, pathRewrite, condition, request.path)}`;
}

/**
 * The request as a redirect leaves it for logs and header additions: a rewritten path is its own.
 *
 * @source envoy: source/common/router/router.cc, Filter::decodeHeaders;
 *   source/common/router/config_impl.cc, RouteEntryImplBase::rewritePathHeader
 */
export function redirectedRequest(
  { pathRewrite }: CompiledRedirect,
  condition: PathCondition,
  request: HttpRequest,
): HttpRequest {
  if (pathRewrite === undefined) return request;
  const head = new RequestHead(request);
  head.path = rewrittenPath(pathRewrite, condition, request.path);
  head.headers.set('x-envoy-original-path', request.path);
  return head;
}

/**
 * The `location` of a direct response, which has one if it says that something was created or is
 * elsewhere: the request's own URL.
 *
 * @source envoy: source/common/router/router.cc, Filter::decodeHeaders (direct responses)
 */
export function directResponseLocation(status: number, request: HttpRequest): string | undefined {
  const hasLocation = status === 201 || (status >= 300 && status < 400);
  return hasLocation ? `${request.scheme}://${request.authority}${request.path}` : undefined;
}

/**
 * The request's host. A port that is about to be replaced goes; so does the old scheme's default port
 * when the scheme changes.
 */
function requestHost(xds: RedirectAction, scheme: string, request: HttpRequest): string {
  const colon = portStart(request.authority);
  if (colon < 0) return request.authority;
  const port = request.authority.slice(colon + 1);
  const isOldDefault =
    scheme !== request.scheme &&
    ((request.scheme === 'http' && port === '80') ||
      (request.scheme === 'https' && port === '443'));
  return xds.portRedirect || isOldDefault ? request.authority.slice(0, colon) : request.authority;
}

function redirectPath(
  xds: RedirectAction,
  pathRewrite: PathRewrite | undefined,
  condition: PathCondition,
  requestPath: string,
): string {
  const path = newPath(xds, pathRewrite, condition, requestPath);
  return path.startsWith('/') ? path : `/${path}`;
}

function newPath(
  xds: RedirectAction,
  pathRewrite: PathRewrite | undefined,
  condition: PathCondition,
  requestPath: string,
): string {
  const query = xds.stripQuery ? '' : requestPath.slice(pathEnd(requestPath));
  if (xds.pathRedirect) {
    // Its own query wins over the request's, and is never stripped.
    return xds.pathRedirect.includes('?') ? xds.pathRedirect : xds.pathRedirect + query;
  }
  const path = pathRewrite ? rewrittenPath(pathRewrite, condition, requestPath) : requestPath;
  return xds.stripQuery ? path.slice(0, pathEnd(path)) : path;
}
