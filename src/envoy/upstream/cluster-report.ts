import type { Dispatcher } from '#kernel/dispatcher.ts';
import {
  type ClusterId,
  type GaugeId,
  type GaugeKind,
  NONE,
  type OverflowLimit,
} from '#telemetry/recorder.ts';
import type { ProxyTelemetry } from '../proxy-environment.ts';
import type { ClusterStats } from './cluster-stats.ts';

/** Tells the recorder what one cluster of one proxy holds, at every change, and what it turned away. */
export class ClusterReport {
  readonly #telemetry: ProxyTelemetry;
  readonly #cluster: ClusterId;
  readonly #dispatcher: Dispatcher;
  readonly #stats: ClusterStats;
  readonly #inflight: GaugeId;
  readonly #pending: GaugeId;
  readonly #connections: GaugeId;

  constructor(
    telemetry: ProxyTelemetry,
    cluster: ClusterId,
    dispatcher: Dispatcher,
    stats: ClusterStats,
  ) {
    this.#telemetry = telemetry;
    this.#cluster = cluster;
    this.#dispatcher = dispatcher;
    this.#stats = stats;
    const { recorder, proxy } = telemetry;
    const gauge = (kind: GaugeKind) => recorder.internGauge({ kind, proxy, cluster, host: NONE });
    this.#inflight = gauge('inflight');
    this.#pending = gauge('pending');
    this.#connections = gauge('connections');
  }

  requestsChanged(): void {
    this.#set(this.#inflight, this.#stats.upstreamRqActive);
  }

  pendingChanged(): void {
    this.#set(this.#pending, this.#stats.upstreamRqPendingActive);
  }

  connectionsChanged(): void {
    this.#set(this.#connections, this.#stats.upstreamCxActive);
  }

  overflowed(limit: OverflowLimit): void {
    const { recorder, proxy } = this.#telemetry;
    recorder.overflowed(proxy, this.#cluster, limit, this.#dispatcher.nowNs);
  }

  #set(gauge: GaugeId, value: number): void {
    this.#telemetry.recorder.setGauge(gauge, value, this.#dispatcher.nowNs);
  }
}
