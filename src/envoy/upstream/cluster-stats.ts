import type { ClusterHistograms } from './cluster-histograms.ts';
import { CodeCounters, collectCodes } from './code-counters.ts';

/**
 * The counters and gauges of one cluster in one proxy: plain fields, printed under Envoy's names.
 *
 * @source envoy: envoy/upstream/upstream.h, ALL_CLUSTER_TRAFFIC_STATS
 */
export class ClusterStats {
  upstreamRqTotal = 0;
  upstreamRqActive = 0;
  upstreamRqPendingTotal = 0;
  upstreamRqPendingActive = 0;
  upstreamRqPendingOverflow = 0;
  upstreamRqActiveOverflow = 0;
  upstreamRqPendingFailureEject = 0;
  upstreamRqCancelled = 0;
  upstreamRqTimeout = 0;
  upstreamRqPerTryTimeout = 0;
  upstreamRqPerTryIdleTimeout = 0;
  upstreamRqMaxDurationReached = 0;
  upstreamRqRetry = 0;
  upstreamRqRetrySuccess = 0;
  upstreamRqRetryOverflow = 0;
  upstreamRqRetryLimitExceeded = 0;
  upstreamRqRetryBackoffExponential = 0;
  upstreamRqRetryBackoffRatelimited = 0;
  upstreamRqRxReset = 0;
  upstreamRqTxReset = 0;
  upstreamRqMaintenanceMode = 0;
  upstreamCxTotal = 0;
  upstreamCxActive = 0;
  upstreamCxHttp1Total = 0;
  upstreamCxHttp2Total = 0;
  upstreamCxConnectFail = 0;
  upstreamCxConnectTimeout = 0;
  upstreamCxConnectAttemptsExceeded = 0;
  upstreamCxOverflow = 0;
  upstreamCxPoolOverflow = 0;
  upstreamCxNoneHealthy = 0;
  upstreamCxDestroy = 0;
  upstreamCxDestroyLocal = 0;
  upstreamCxDestroyRemote = 0;
  upstreamCxDestroyWithActiveRq = 0;
  upstreamCxDestroyLocalWithActiveRq = 0;
  upstreamCxDestroyRemoteWithActiveRq = 0;
  upstreamCxCloseNotify = 0;
  upstreamCxIdleTimeout = 0;
  upstreamCxMaxRequests = 0;
  upstreamCxMaxDurationReached = 0;
  upstreamCxProtocolError = 0;
  upstreamInternalRedirectSucceededTotal = 0;
  upstreamInternalRedirectFailedTotal = 0;
  retryOrShadowAbandoned = 0;
  membershipTotal = 0;
  membershipHealthy = 0;
  membershipDegraded = 0;
  membershipExcluded = 0;
  membershipChange = 0;
  /** Final answers to external and to internal requests; both together are all. */
  readonly externalResponses = new CodeCounters();
  readonly internalResponses = new CodeCounters();
  /** Answers discarded for a retry. */
  readonly retryResponses = new CodeCounters();
  /** Undefined unless somebody asks for them. */
  histograms: ClusterHistograms | undefined = undefined;

  /** Adds every value that is not zero under `prefix` (`cluster.NAME.`). */
  collect(prefix: string, into: Map<string, number>): void {
    collectNumbers(this, prefix, into);
    collectCodes(prefix, into, [this.externalResponses, this.internalResponses]);
    this.externalResponses.collect(`${prefix}external.`, into);
    this.internalResponses.collect(`${prefix}internal.`, into);
    this.retryResponses.collect(`${prefix}retry.`, into);
  }
}

/** Adds the fields of `stats` that are numbers and not zero, by Envoy's names under `prefix`. */
export function collectNumbers(stats: object, prefix: string, into: Map<string, number>): void {
  for (const [field, value] of Object.entries(stats)) {
    if (typeof value === 'number' && value !== 0) into.set(prefix + envoyName(field), value);
  }
}

/** `upstreamCxHttp1Total` → `upstream_cx_http1_total`, `downstreamRq5xx` → `downstream_rq_5xx`. */
export function envoyName(field: string): string {
  return field.replace(/[A-Z]|(?<=[a-z])[1-5](?=xx$)/g, (it) => `_${it.toLowerCase()}`);
}
