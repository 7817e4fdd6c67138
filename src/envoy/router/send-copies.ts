import type { HttpRequest } from '../network.ts';
import { type CompiledMirrorPolicy, mirrorCluster, shouldShadow } from './mirror-policy.ts';
import type { RouterContext } from './router-context.ts';
import type { RouterStream } from './router-stream.ts';

/**
 * Sends the copies of `request` that a route asks for. CONNECT is not mirrored. `timeoutNs`: 0 = none.
 *
 * @source envoy: source/common/router/router.cc, Filter::maybeDoShadowing
 */
export function sendCopies(
  policies: readonly CompiledMirrorPolicy[],
  request: HttpRequest,
  stream: RouterStream,
  context: RouterContext,
  timeoutNs: number,
): void {
  if (stream.request.method === 'CONNECT') return;
  for (const [index, policy] of policies.entries()) {
    if (!shouldShadow(policy, stream.random) || mirrorCluster(policy, stream.request) === '') {
      continue;
    }
    context.mirror(policy, index, request, stream, timeoutNs);
  }
}
