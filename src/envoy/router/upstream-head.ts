import { RequestHead } from '../http/request-head.ts';
import type { HttpRequest } from '../network.ts';
import { STREAM_DURATION } from './timeouts.ts';

/** Headers by which internal requests steer the router; they end here. */
const ROUTER_HEADERS = [
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-upstream-alt-stat-name',
  STREAM_DURATION,
];
const HEADERS_OF_ANYBODY = [STREAM_DURATION];

/**
 * A request as a retry sends it where the virtual host tells whether it follows a timeout.
 *
 * @source envoy: source/common/router/router.cc, Filter::doRetry
 */
export function withTimeoutRetry(request: HttpRequest, followsTimeout: boolean): HttpRequest {
  const head = new RequestHead(request);
  head.headers.set('x-envoy-is-timeout-retry', String(followsTimeout));
  return head;
}

/**
 * A request without the headers that were meant for this router and that its sender may use; the same
 * object when it has none.
 *
 * @source envoy: source/common/router/retry_state_impl.cc, RetryStateImpl::create; source/common/router/router.cc, FilterUtility::finalTimeout
 */
export function withoutRouterHeaders(request: HttpRequest, isInternal: boolean): HttpRequest {
  const names = isInternal ? ROUTER_HEADERS : HEADERS_OF_ANYBODY;
  if (!names.some((name) => request.headers.has(name))) return request;
  const head = new RequestHead(request);
  for (const name of names) head.headers.remove(name);
  return head;
}
