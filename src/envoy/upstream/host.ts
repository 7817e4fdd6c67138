import type { HostDescription } from './host-description.ts';
import { type CoarseHealth, coarseHealth, HealthFlag, withEdsHealth } from './host-health.ts';
import { NO_OUTLIER_MONITOR, type OutlierMonitor } from './outlier-result.ts';

/** What checks a host actively. */
export interface ActiveHealth {
  /** The host asked, in an answer to a request, to be taken out at once. */
  onImmediateFailure(host: Host): void;
}

/**
 * One endpoint as one proxy sees it: its health here, the work it has from here. The object stays the
 * same across updates of configuration as long as the address does, and so do its counters.
 *
 * @source envoy: source/common/upstream/upstream_impl.h, HostImpl
 */
export class Host {
  /** `ip:port`; the same for all its descriptions. */
  readonly address: string;
  description: HostDescription;
  /** Copied from the description: read at every weighted pick. */
  weight: number;
  priority: number;
  healthFlags: number;
  /** When the host became healthy, for slow start; −1 as long as nobody knows. */
  lastHcPassTimeNs = -1;
  outlierMonitor: OutlierMonitor = NO_OUTLIER_MONITOR;
  /** Undefined = nobody checks it. */
  activeHealth: ActiveHealth | undefined;

  /** How the recorder knows it; -1 = not at all. */
  recordId = -1;
  /** Its place in the lists of its cluster's pools; 0 = it has none yet. */
  poolSlot = 0;

  /** Streams attached to a connection; the input of least request. */
  rqActive = 0;
  rqTotal = 0;
  rqSuccess = 0;
  rqError = 0;
  rqTimeout = 0;
  cxActive = 0;
  cxTotal = 0;
  cxConnectFail = 0;

  constructor(description: HostDescription, priority = 0) {
    this.address = description.address;
    this.description = description;
    this.weight = description.weight;
    this.priority = priority;
    this.healthFlags = withEdsHealth(0, description.healthStatus);
  }

  get health(): CoarseHealth {
    return coarseHealth(this.healthFlags);
  }

  get isEjected(): boolean {
    return this.hasFlag(HealthFlag.failedOutlierCheck);
  }

  hasFlag(flag: number): boolean {
    return (this.healthFlags & flag) !== 0;
  }

  setFlag(flag: number): void {
    this.healthFlags |= flag;
  }

  clearFlag(flag: number): void {
    this.healthFlags &= ~flag;
  }
}
