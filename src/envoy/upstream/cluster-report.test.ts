import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import { UNKNOWN_WORKLOAD } from '#telemetry/labels.ts';
import { RunRecorder } from '#telemetry/run-recorder.ts';
import { ClusterReport } from './cluster-report.ts';
import { ClusterStats } from './cluster-stats.ts';

describe('the report of a cluster', () => {
  it('tells the recorder what the cluster holds, weighted by time, and what it turned away', () => {
    const recorder = new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined });
    const dispatcher = new Dispatcher();
    const stats = new ClusterStats();
    const proxy = recorder.internProxy({ ...UNKNOWN_WORKLOAD, name: 'webapp-1' });
    const cluster = recorder.internCluster({
      name: 'outbound|80||catalog',
      subset: '',
      service: 'catalog',
      serviceName: 'catalog',
      serviceNamespace: '',
    });
    const telemetry = {
      recorder,
      proxy,
      clusterId: () => cluster,
      hostId: () => 0,
      routeId: () => 0,
      unroutedId: () => 0,
    };
    const report = new ClusterReport(telemetry, cluster, dispatcher, stats);
    stats.upstreamRqActive = 3;
    report.requestsChanged(0);
    dispatcher.runUntil(100);
    stats.upstreamRqActive = 0;
    report.requestsChanged(100);
    report.overflowed('pending');
    const [inflight] = [...recorder.gaugesOf('inflight')];
    expect([inflight!.window.mean(200), inflight!.window.max]).toEqual([1.5, 3]);
    const [overflow] = [...recorder.rowsOf('overflow')];
    expect(labelOf(recorder.rows, overflow!, 'limit')).toBe('pending');
    expect(labelOf(recorder.rows, overflow!, 'upstream_cluster')).toBe('outbound|80||catalog');
  });
});
