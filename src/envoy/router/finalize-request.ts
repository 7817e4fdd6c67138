import type { FormatContext } from '../access-log/format-context.ts';
import { RequestHead } from '../http/request-head.ts';
import type { HttpRequest } from '../network.ts';
import type { RouteEntry } from './compiled-route.ts';
import { rewriteHost, updateAuthority } from './host-rewrite.ts';
import { rewrittenPath } from './path-rewrite.ts';

/**
 * The request as it goes upstream: header additions, then host rewrite, then path rewrite. Runs once
 * per request, not per attempt. Gives the same object when nothing changes, and the same result for
 * the same request object where no header depends on the stream.
 *
 * `context` provides what formatters read beside the request.
 *
 * @source envoy: source/common/router/config_impl.cc, RouteEntryImplBase::finalizeRequestHeaders;
 *   weighted_cluster_specifier.cc, WeightedClusterEntry::finalizeRequestHeaders
 */
export function finalizeRequest(
  entry: RouteEntry,
  request: HttpRequest,
  context: FormatContext,
): HttpRequest {
  if (!entry.changesRequest) return request;
  const { finalized } = entry;
  if (finalized === undefined) return changed(entry, request, context);
  let result = finalized.get(request);
  if (result === undefined) {
    result = changed(entry, request, context);
    finalized.set(request, result);
  }
  return result;
}

function changed(entry: RouteEntry, request: HttpRequest, context: FormatContext): RequestHead {
  const head = new RequestHead(request);
  const { forward } = entry;
  entry.requestHeaders?.apply(head.headers, { ...context, request: head });
  if (forward === undefined) return head;
  if (entry.hostRewriteLiteral !== '') {
    updateAuthority(head, entry.hostRewriteLiteral, forward.appendXForwardedHost);
  }
  if (forward.hostRewrite !== undefined) {
    rewriteHost(forward.hostRewrite, head, forward.appendXForwardedHost);
  }
  if (forward.pathRewrite !== undefined) {
    const path = rewrittenPath(forward.pathRewrite, entry.route.conditions.path, head.path);
    head.headers.set('x-envoy-original-path', head.path);
    head.path = path;
  }
  return head;
}
