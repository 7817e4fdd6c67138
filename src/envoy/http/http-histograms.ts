import { StatsHistogram } from '../stats-histogram.ts';

/**
 * The histograms of one connection manager's stat prefix, in milliseconds. Made only where they are
 * asked for.
 *
 * @source envoy: source/common/http/conn_manager_config.h, ALL_HTTP_CONN_MAN_STATS
 */
export class HttpHistograms {
  readonly rqTime = new StatsHistogram();
  readonly cxLengthMs = new StatsHistogram();

  /** By name below `http.PREFIX.`. */
  get byName(): ReadonlyMap<string, StatsHistogram> {
    return new Map([
      ['downstream_cx_length_ms', this.cxLengthMs],
      ['downstream_rq_time', this.rqTime],
    ]);
  }
}
