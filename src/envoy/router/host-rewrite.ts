import type { RouteAction } from '#xds/route.ts';
import { pathWithoutQuery } from '../http/path.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { ReportProblem } from '../string-matcher.ts';
import { applyRegexRewrite, compileRegexRewrite, type RegexRewrite } from './path-rewrite.ts';

/** Where the new host comes from. `auto`: the upstream host's name, once it is chosen. */
export type HostRewrite =
  | { readonly kind: 'literal'; readonly host: string }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'path-regex'; readonly rewrite: RegexRewrite }
  | { readonly kind: 'auto' };

/** The first that is set; undefined when none is. */
export function compileHostRewrite(
  xds: RouteAction,
  report: ReportProblem,
): HostRewrite | undefined {
  if (xds.hostRewriteLiteral) return { kind: 'literal', host: xds.hostRewriteLiteral };
  if (xds.hostRewriteHeader) return { kind: 'header', name: xds.hostRewriteHeader.toLowerCase() };
  if (xds.hostRewritePathRegex !== undefined) {
    return { kind: 'path-regex', rewrite: compileRegexRewrite(xds.hostRewritePathRegex, report) };
  }
  return xds.autoHostRewrite ? { kind: 'auto' } : undefined;
}

/**
 * Rewrites the host before a host is picked; `auto` waits for `updateAuthority` at pool-ready.
 *
 * @source envoy: source/common/router/config_impl.cc, finalizeHostHeader
 */
export function rewriteHost(
  rewrite: HostRewrite,
  head: RequestHead,
  appendForwarded: boolean,
): void {
  const host = newHost(rewrite, head);
  if (host !== '') updateAuthority(head, host, appendForwarded);
}

function newHost(rewrite: HostRewrite, head: RequestHead): string {
  switch (rewrite.kind) {
    case 'literal':
      return rewrite.host;
    case 'header':
      return head.headers.get(rewrite.name) ?? '';
    case 'path-regex':
      return applyRegexRewrite(rewrite.rewrite, pathWithoutQuery(head.path));
    case 'auto':
      return '';
  }
}

/**
 * Replaces the host; the old one is kept in `x-envoy-original-host`, and, where the route says so,
 * appended to `x-forwarded-host` unless it is the last there already.
 *
 * @source envoy: source/common/http/utility.cc, Utility::updateAuthority
 */
export function updateAuthority(head: RequestHead, host: string, appendForwarded: boolean): void {
  const { headers } = head;
  if (appendForwarded && head.authority !== '') {
    const forwarded = headers.get('x-forwarded-host')?.split(',') ?? [];
    if (forwarded.at(-1)?.trim() !== head.authority)
      headers.add('x-forwarded-host', head.authority);
  }
  headers.set('x-envoy-original-host', head.authority);
  head.authority = host;
}
