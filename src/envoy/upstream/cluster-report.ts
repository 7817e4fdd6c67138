import type { Dispatcher } from '#kernel/dispatcher.ts';
import {
  type ClusterId,
  type GaugeId,
  type GaugeKind,
  NONE,
  type OverflowLimit,
  type ProxyId,
  type Recorder,
} from '#telemetry/recorder.ts';
import type { ProxyTelemetry } from '../proxy-environment.ts';
import type { ClusterStats } from './cluster-stats.ts';

/** Tells the recorder what one cluster of one proxy holds, at every change, and what it turned away. */
export class ClusterReport {
  declare private readonly recorder: Recorder;
  declare private readonly proxy: ProxyId;
  declare private readonly cluster: ClusterId;
  declare private readonly dispatcher: Dispatcher;
  declare private readonly stats: ClusterStats;
  declare private readonly inflight: GaugeId;
  declare private readonly pending: GaugeId;
  declare private readonly connections: GaugeId;

  constructor(
    telemetry: ProxyTelemetry,
    cluster: ClusterId,
    dispatcher: Dispatcher,
    stats: ClusterStats,
  ) {
    this.recorder = telemetry.recorder;
    this.proxy = telemetry.proxy;
    this.cluster = cluster;
    this.dispatcher = dispatcher;
    this.stats = stats;
    const { recorder, proxy } = telemetry;
    const gauge = (kind: GaugeKind) => recorder.internGauge({ kind, proxy, cluster, host: NONE });
    this.inflight = gauge('inflight');
    this.pending = gauge('pending');
    this.connections = gauge('connections');
  }

  requestsChanged(nowNs: number): void {
    this.recorder.setGauge(this.inflight, this.stats.upstreamRqActive, nowNs);
  }

  pendingChanged(): void {
    const nowNs = this.dispatcher.nowNs;
    this.recorder.setGauge(this.pending, this.stats.upstreamRqPendingActive, nowNs);
  }

  connectionsChanged(): void {
    const nowNs = this.dispatcher.nowNs;
    this.recorder.setGauge(this.connections, this.stats.upstreamCxActive, nowNs);
  }

  overflowed(limit: OverflowLimit): void {
    this.recorder.overflowed(this.proxy, this.cluster, limit, this.dispatcher.nowNs);
  }
}
