import type { Listener } from '#xds/listener.ts';
import { StatsHistogram } from '../stats-histogram.ts';

/**
 * The counters and gauges of one listener: connections from downstream, of whatever protocol.
 *
 * @source envoy: source/server/listener_stats.h, ALL_LISTENER_STATS
 */
export class ListenerStats {
  downstreamCxTotal = 0;
  downstreamCxActive = 0;
  downstreamCxDestroy = 0;
  noFilterChainMatch = 0;
  /** Undefined unless somebody asks for it. */
  readonly lengthMs: StatsHistogram | undefined;

  constructor(keepsHistograms: boolean) {
    this.lengthMs = keepsHistograms ? new StatsHistogram() : undefined;
  }

  opened(): void {
    this.downstreamCxTotal++;
    this.downstreamCxActive++;
  }

  closed(startNs: number, nowNs: number): void {
    this.downstreamCxActive--;
    this.downstreamCxDestroy++;
    this.lengthMs?.recordSpan(startNs, nowNs);
  }
}

/**
 * `listener.127.0.0.1_80.`: by address, unless it has a prefix of its own.
 *
 * @source envoy: source/common/listener_manager/listener_impl.cc, ListenerImpl (listener_scope_)
 */
export function listenerStatPrefix({ statPrefix, address }: Listener): string {
  if (statPrefix) return `listener.${statPrefix}.`;
  const { socketAddress } = address;
  if (socketAddress === undefined) return 'listener.unknown.';
  const ip = socketAddress.address.includes(':')
    ? `[${socketAddress.address}]`
    : socketAddress.address;
  return `listener.${`${ip}:${socketAddress.portValue ?? 0}`.replaceAll(':', '_')}.`;
}
