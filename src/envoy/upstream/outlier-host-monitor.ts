import type { HeaderMap } from '../http/header-map.ts';
import type { Host } from './host.ts';
import type { OutlierConfig, OutlierDetectorName } from './outlier-config.ts';
import { HostDegradation } from './outlier-degradation.ts';
import type { OutlierMonitor, OutlierResult } from './outlier-result.ts';
import { SuccessRateAccumulator } from './outlier-success-rate.ts';

/** Hears of a host's results. */
export interface OutlierResultListener {
  /** A result is about to be counted. */
  onResult(): void;
  /** The host failed as often in a row as configuration allows. */
  onConsecutiveFailure(monitor: HostOutlierMonitor, detector: ConsecutiveDetector): void;
  /** The host says of itself that it is degraded. */
  onDegraded(monitor: HostOutlierMonitor): void;
}

export type ConsecutiveDetector = Extract<OutlierDetectorName, `consecutive_${string}`>;

/**
 * What a result without a code counts as. A connection that came about counts as nothing: what it is
 * used for will tell.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.cc, resultToHttpCode
 */
const CODE_OF_RESULT: Readonly<
  Record<Exclude<OutlierResult, 'local-origin-connect-success'>, number>
> = {
  'ext-origin-request-success': 200,
  'ext-origin-request-failed': 500,
  'local-origin-timeout': 504,
  'local-origin-connect-failed': 503,
};

/**
 * What outlier detection knows of one host: failures in a row, successes of the interval, ejections.
 *
 * @source envoy: source/common/upstream/outlier_detection_impl.cc, DetectorHostMonitorImpl
 */
export class HostOutlierMonitor implements OutlierMonitor {
  readonly host: Host;
  readonly #config: OutlierConfig;
  readonly #listener: OutlierResultListener;
  readonly externalOrigin = new SuccessRateAccumulator();
  readonly localOrigin = new SuccessRateAccumulator();
  readonly degradation = new HostDegradation();
  #consecutive5xx = 0;
  #consecutiveGatewayFailure = 0;
  #consecutiveLocalOriginFailure = 0;

  /** Ever, for the records. */
  ejectionCount = 0;
  /** What the base ejection time is multiplied by. */
  ejectTimeBackoff = 0;
  jitterMs = 0;
  lastEjectionNs = -1;
  /** −1 before the first. */
  lastUnejectionNs = -1;

  constructor(host: Host, config: OutlierConfig, listener: OutlierResultListener) {
    this.host = host;
    this.#config = config;
    this.#listener = listener;
  }

  putResult(result: OutlierResult, code: number): void {
    this.#listener.onResult();
    if (this.#config.splitExternalLocalOriginErrors) this.#putSplitResult(result);
    else if (code > 0) this.#putHttpCode(code);
    else if (result !== 'local-origin-connect-success') this.#putHttpCode(CODE_OF_RESULT[result]);
  }

  putHttpResponseCode(code: number, headers?: HeaderMap): void {
    this.#listener.onResult();
    this.#putHttpCode(code);
    // Of a failed answer only the failure counts.
    if (!this.#config.detectDegradedHosts || code >= 500) return;
    if (headers?.has('x-envoy-degraded') === true) this.#listener.onDegraded(this);
  }

  /** The end of an interval would change nothing of this host. */
  get isQuiet(): boolean {
    return (
      !this.host.isEjected &&
      this.ejectTimeBackoff === 0 &&
      this.degradation.isQuiet &&
      this.externalOrigin.isEmpty &&
      this.localOrigin.isEmpty
    );
  }

  resetConsecutive(detector: ConsecutiveDetector): void {
    switch (detector) {
      case 'consecutive_5xx':
        this.#consecutive5xx = 0;
        break;
      case 'consecutive_gateway_failure':
        this.#consecutiveGatewayFailure = 0;
        break;
      case 'consecutive_local_origin_failure':
        this.#consecutiveLocalOriginFailure = 0;
        break;
    }
  }

  /** After an un-ejection. */
  resetAllConsecutive(): void {
    this.#consecutive5xx = 0;
    this.#consecutiveGatewayFailure = 0;
    this.#consecutiveLocalOriginFailure = 0;
  }

  /** @source envoy: source/common/upstream/outlier_detection_impl.cc, putResultWithLocalExternalSplit */
  #putSplitResult(result: OutlierResult): void {
    switch (result) {
      case 'ext-origin-request-success':
        this.#putHttpCode(200);
        this.#putLocalSuccess();
        break;
      case 'ext-origin-request-failed':
        this.#putHttpCode(503); // HTTP answers do not come this way: see putHttpResponseCode.
        break;
      case 'local-origin-connect-success':
        this.#putLocalSuccess();
        break;
      case 'local-origin-timeout':
      case 'local-origin-connect-failed':
        this.#putLocalFailure();
        break;
    }
  }

  /** Thresholds are met by equality: 0 never is, and more failures are silent until a reset. */
  #putHttpCode(code: number): void {
    const is5xx = code >= 500 && code < 600;
    this.externalOrigin.count(!is5xx);
    if (!is5xx) {
      this.#consecutive5xx = 0;
      this.#consecutiveGatewayFailure = 0;
      return;
    }
    const isGatewayError = code >= 502 && code <= 504;
    this.#consecutiveGatewayFailure = isGatewayError ? this.#consecutiveGatewayFailure + 1 : 0;
    // Both may fire: they are handled after both were counted.
    const isGatewayEvent =
      isGatewayError && this.#consecutiveGatewayFailure === this.#config.consecutiveGatewayFailure;
    const is5xxEvent = ++this.#consecutive5xx === this.#config.consecutive5xx;
    if (isGatewayEvent) this.#listener.onConsecutiveFailure(this, 'consecutive_gateway_failure');
    if (is5xxEvent) this.#listener.onConsecutiveFailure(this, 'consecutive_5xx');
  }

  #putLocalSuccess(): void {
    this.localOrigin.count(true);
    this.#consecutiveLocalOriginFailure = 0;
  }

  #putLocalFailure(): void {
    this.localOrigin.count(false);
    const count = ++this.#consecutiveLocalOriginFailure;
    if (count === this.#config.consecutiveLocalOriginFailure) {
      this.#listener.onConsecutiveFailure(this, 'consecutive_local_origin_failure');
    }
  }
}
