import type { HttpResponse } from '../network.ts';
import type { ClusterStats } from '../upstream/cluster-stats.ts';
import type { Host } from '../upstream/host.ts';
import { NO_OUTLIER_MONITOR } from '../upstream/outlier-result.ts';
import { grpcToHttpStatus } from './grpc-status.ts';
import type { AttemptTimeout } from './upstream-request.ts';

/**
 * Tells outlier detection of a host's answer. gRPC statuses count as the HTTP statuses that stand for
 * them.
 *
 * @source envoy: source/common/router/router.cc, Filter::onUpstreamHeaders
 */
export function reportResponse(host: Host, response: HttpResponse, isGrpc: boolean): void {
  const { activeHealth } = host;
  if (activeHealth !== undefined && response.headers.has('x-envoy-immediate-health-check-fail')) {
    activeHealth.onImmediateFailure(host);
  }
  if (host.outlierMonitor === NO_OUTLIER_MONITOR) return;
  let { status } = response;
  if (isGrpc) {
    const grpcStatus = response.headers.get('grpc-status');
    if (grpcStatus !== undefined) status = grpcToHttpStatus(Number(grpcStatus));
  }
  host.outlierMonitor.putHttpResponseCode(status, response.headers);
}

/**
 * Counts a final answer to a client of the cluster.
 *
 * @source envoy: source/common/router/router.cc, Filter::chargeUpstreamCode
 */
export function chargeResponse(
  stats: ClusterStats,
  code: number,
  isInternal: boolean,
  host: Host | undefined,
): void {
  if (isInternal === true) stats.internalResponses.add(code);
  else stats.externalResponses.add(code);
  if (host !== undefined && code >= 500) host.rqError++;
}

/** Counts an attempt that ran into a limit of its own, in the cluster and at its host. */
export function chargeTimeout(
  stats: ClusterStats,
  timeout: AttemptTimeout,
  host: Host | undefined,
): void {
  if (timeout === 'max-duration') {
    stats.upstreamRqMaxDurationReached++;
    return;
  }
  if (timeout === 'per-try') stats.upstreamRqPerTryTimeout++;
  else stats.upstreamRqPerTryIdleTimeout++;
  if (host !== undefined) host.rqTimeout++;
}
