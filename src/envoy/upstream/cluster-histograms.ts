import { StatsHistogram } from '../stats-histogram.ts';

/**
 * The histograms of one cluster in one proxy, all of milliseconds. Made only where they are asked for.
 *
 * @source envoy: envoy/upstream/upstream.h, ALL_CLUSTER_TRAFFIC_STATS; source/common/http/codes.cc,
 *   CodeStatsImpl::chargeResponseTiming
 */
export class ClusterHistograms {
  readonly #rqTime = new StatsHistogram();
  readonly #externalRqTime = new StatsHistogram();
  readonly #internalRqTime = new StatsHistogram();
  readonly #cxConnectMs = new StatsHistogram();
  readonly #cxLengthMs = new StatsHistogram();

  /** By name below `cluster.NAME.`. */
  get byName(): ReadonlyMap<string, StatsHistogram> {
    return new Map([
      ['external.upstream_rq_time', this.#externalRqTime],
      ['internal.upstream_rq_time', this.#internalRqTime],
      ['upstream_cx_connect_ms', this.#cxConnectMs],
      ['upstream_cx_length_ms', this.#cxLengthMs],
      ['upstream_rq_time', this.#rqTime],
    ]);
  }

  /** A response is complete; `receivedNs`: when the router had the request. */
  responseComplete(receivedNs: number, isInternal: boolean, nowNs: number): void {
    this.#rqTime.recordSpan(receivedNs, nowNs);
    const own = isInternal ? this.#internalRqTime : this.#externalRqTime;
    own.recordSpan(receivedNs, nowNs);
  }

  connected(startedNs: number, nowNs: number): void {
    this.#cxConnectMs.recordSpan(startedNs, nowNs);
  }

  /** A connection is gone, whether or not it ever came about. */
  connectionEnded(startedNs: number, nowNs: number): void {
    this.#cxLengthMs.recordSpan(startedNs, nowNs);
  }
}
