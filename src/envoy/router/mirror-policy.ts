import type { Uint64 } from '#kernel/uint64.ts';
import type { HeaderValueOption } from '#xds/core.ts';
import type { RequestMirrorPolicy } from '#xds/route.ts';
import { requestContext } from '../access-log/format-context.ts';
import { compileRuntimeFraction, type Fraction, fractionHits } from '../fractional-percent.ts';
import { portStart } from '../http/authority.ts';
import { RequestHead } from '../http/request-head.ts';
import type { HttpRequest } from '../network.ts';
import type { ReportProblem } from '../string-matcher.ts';
import { HeaderParser } from './header-mutation.ts';

/** A `request_mirror_policies` entry, compiled. */
export interface CompiledMirrorPolicy {
  readonly xds: RequestMirrorPolicy;
  /** '' when a header names the cluster. */
  readonly cluster: string;
  readonly clusterHeader: string | undefined;
  /** Undefined = every request. */
  readonly fraction: Fraction | undefined;
  readonly appendsShadowSuffix: boolean;
  readonly hostRewriteLiteral: string;
  readonly mutations: readonly HeaderParser[];
}

/** @source envoy: source/common/router/config_impl.cc, ShadowPolicyImpl */
export function compileMirrorPolicy(
  xds: RequestMirrorPolicy,
  report: ReportProblem,
): CompiledMirrorPolicy {
  const hasFraction = xds.runtimeFraction?.defaultValue !== undefined;
  return {
    xds,
    cluster: xds.cluster ?? '',
    clusterHeader: xds.clusterHeader?.toLowerCase(),
    fraction: hasFraction ? compileRuntimeFraction(xds.runtimeFraction) : undefined,
    appendsShadowSuffix: !(xds.disableShadowHostSuffixAppend ?? false),
    hostRewriteLiteral: xds.hostRewriteLiteral ?? '',
    mutations: compileMirrorMutations(xds, report),
  };
}

/**
 * Whether a request is mirrored: the stream's one random number decides for every policy.
 *
 * @source envoy: source/common/router/router.cc, FilterUtility::shouldShadow
 */
export function shouldShadow(policy: CompiledMirrorPolicy, streamRandom: Uint64): boolean {
  return policy.fraction === undefined || fractionHits(policy.fraction, streamRandom);
}

/** The cluster that the copy goes to; '' = none. */
export function mirrorCluster(policy: CompiledMirrorPolicy, request: HttpRequest): string {
  if (policy.clusterHeader === undefined) return policy.cluster;
  return request.headers.get(policy.clusterHeader) ?? '';
}

/**
 * The copy of a request as it leaves for the mirror cluster: `request` is the one that goes upstream,
 * `proxyAddress` the proxy's own IP.
 *
 * @source envoy: source/common/router/router.cc, maybeDoShadowing; source/common/router/shadow_writer_impl.cc;
 *   source/common/http/async_client_impl.cc
 */
export function mirroredRequest(
  policy: CompiledMirrorPolicy,
  request: HttpRequest,
  proxyAddress: string,
): RequestHead {
  const copy = new RequestHead(request);
  for (const mutation of policy.mutations) mutation.evaluate(copy.headers, requestContext(copy));
  if (policy.hostRewriteLiteral !== '') copy.authority = policy.hostRewriteLiteral;
  else if (policy.appendsShadowSuffix) copy.authority = shadowHost(copy.authority);
  copy.headers.set('x-envoy-internal', 'true');
  copy.headers.add('x-forwarded-for', proxyAddress);
  return copy;
}

/**
 * `-shadow` goes before the port.
 *
 * @source envoy: source/common/router/shadow_writer_impl.cc, getShadowHost
 */
export function shadowHost(host: string): string {
  const colon = portStart(host);
  return colon < 0 ? `${host}-shadow` : `${host.slice(0, colon)}-shadow${host.slice(colon)}`;
}

/** The list mixes `append` and `remove` entries; each is a level of its own, so order is kept. */
function compileMirrorMutations(xds: RequestMirrorPolicy, report: ReportProblem): HeaderParser[] {
  return (xds.requestHeadersMutations ?? []).map((entry) => {
    const mutation = entry as { readonly append?: HeaderValueOption; readonly remove?: string };
    const { append, remove } = mutation;
    return new HeaderParser(append ? [append] : [], remove ? [remove] : [], report);
  });
}
