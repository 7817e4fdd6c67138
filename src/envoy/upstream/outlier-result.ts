import type { HeaderMap } from '../http/header-map.ts';

/**
 * What the router tells outlier detection about an attempt.
 *
 * @source envoy: envoy/upstream/outlier_detection.h, Result
 */
export type OutlierResult =
  | 'local-origin-connect-success'
  | 'local-origin-connect-failed'
  | 'local-origin-timeout'
  | 'ext-origin-request-success'
  | 'ext-origin-request-failed';

/** Where the results of one host's attempts go. */
export interface OutlierMonitor {
  /** `code`: the HTTP status that goes with the result, or 0 when there is none. */
  putResult(result: OutlierResult, code: number): void;
  /**
   * An HTTP answer came. Its status counts as it is, whether or not origins are split. `headers`: its
   * own, which may say that the host is degraded.
   */
  putHttpResponseCode(code: number, headers?: HeaderMap): void;
}

/** The monitor of a host whose cluster has no outlier detection. */
export const NO_OUTLIER_MONITOR: OutlierMonitor = {
  putResult() {},
  putHttpResponseCode() {},
};
