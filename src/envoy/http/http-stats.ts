import { collectNumbers } from '../upstream/cluster-stats.ts';
import type { HttpHistograms } from './http-histograms.ts';

/**
 * The counters and gauges of one connection manager's stat prefix.
 *
 * @source envoy: source/common/http/conn_manager_config.h, ALL_HTTP_CONN_MAN_STATS;
 *   envoy/router/router.h, ALL_ROUTER_STATS
 */
export class HttpStats {
  downstreamCxTotal = 0;
  downstreamCxActive = 0;
  downstreamCxDestroy = 0;
  downstreamCxDestroyLocal = 0;
  downstreamCxDestroyRemote = 0;
  downstreamCxDestroyActiveRq = 0;
  downstreamCxDestroyLocalActiveRq = 0;
  downstreamCxDestroyRemoteActiveRq = 0;
  downstreamCxDrainClose = 0;
  downstreamCxIdleTimeout = 0;
  downstreamCxMaxDurationReached = 0;
  downstreamCxMaxRequestsReached = 0;
  downstreamCxDelayedCloseTimeout = 0;
  downstreamCxHttp1Total = 0;
  downstreamCxHttp1Active = 0;
  downstreamCxHttp2Total = 0;
  downstreamCxHttp2Active = 0;
  downstreamRqTotal = 0;
  downstreamRqActive = 0;
  downstreamRqHttp1Total = 0;
  downstreamRqHttp2Total = 0;
  downstreamRqCompleted = 0;
  downstreamRq1xx = 0;
  downstreamRq2xx = 0;
  downstreamRq3xx = 0;
  downstreamRq4xx = 0;
  downstreamRq5xx = 0;
  downstreamRqResponseBeforeRqComplete = 0;
  downstreamRqTimeout = 0;
  downstreamRqIdleTimeout = 0;
  downstreamRqMaxDurationReached = 0;
  downstreamRqRxReset = 0;
  downstreamRqFailedPathNormalization = 0;
  downstreamRqRedirectedWithNormalizedPath = 0;
  downstreamRqTxReset = 0;
  noRoute = 0;
  noCluster = 0;
  rqTotal = 0;
  rqDirectResponse = 0;
  rqRedirect = 0;
  rqRetrySkippedRequestNotComplete = 0;
  rqResetAfterDownstreamResponseStarted = 0;
  rqOverloadLocalReply = 0;
  passthroughInternalRedirectBadLocation = 0;
  passthroughInternalRedirectUnsafeScheme = 0;
  passthroughInternalRedirectTooManyRedirects = 0;
  passthroughInternalRedirectNoRoute = 0;
  passthroughInternalRedirectPredicate = 0;
  /** Undefined unless somebody asks for them. */
  histograms: HttpHistograms | undefined = undefined;

  /** An answer went out. */
  chargeResponse(code: number): void {
    this.downstreamRqCompleted++;
    if (code < 200) this.downstreamRq1xx++;
    else if (code < 300) this.downstreamRq2xx++;
    else if (code < 400) this.downstreamRq3xx++;
    else if (code < 500) this.downstreamRq4xx++;
    else this.downstreamRq5xx++;
  }

  collect(prefix: string, into: Map<string, number>): void {
    collectNumbers(this, prefix, into);
  }
}
