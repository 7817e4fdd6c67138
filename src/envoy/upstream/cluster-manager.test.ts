import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { randomStream } from '#kernel/random.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import { ConfigIndex } from '../config-index.ts';
import { contextOf } from '../load-balancing/balancer-builder.ts';
import type { ConnectionOwner } from '../network.ts';
import type { OutlierEvent } from '../proxy-environment.ts';
import { ClusterManager } from './cluster-manager.ts';

const SECOND = 1e9;
const CATALOG: Cluster = {
  name: 'catalog',
  type: 'EDS',
  outlierDetection: { consecutive5xx: 1, maxEjectionPercent: 100, baseEjectionTime: '1s' },
};

function endpointsOf(...addresses: readonly string[]): ClusterLoadAssignment {
  const lbEndpoints = addresses.map((address) => ({
    endpoint: { address: { socketAddress: { address, portValue: 80 } } },
  }));
  return { clusterName: 'catalog', endpoints: [{ lbEndpoints }] };
}

/** The clusters of a proxy whose configuration is one cluster. */
function managerOf() {
  const dispatcher = new Dispatcher();
  const events: string[] = [];
  const connecting: ConnectionOwner[] = [];
  const manager = new ClusterManager(
    {
      name: 'webapp-1',
      ip: '10.0.0.9',
      nodeId: '',
      nodeCluster: '',
      locality: undefined,
      workerCount: 1,
    },
    {
      dispatcher,
      network: {
        connect: (_address, _options, owner) => {
          connecting.push(owner);
          return { close() {} } as never;
        },
      },
      seed: 1,
      nextWorkerKey: () => 0,
      epochMs: 0,
      randomStream: (name) => randomStream(1, name),
      telemetry: undefined,
      observer: {
        wantsAttempts: false,
        onStreamEnd() {},
        onAttemptEnd() {},
        onOutlierEvent: ({ action, host, atNs }: OutlierEvent) =>
          events.push(`${atNs / SECOND}s ${action} ${host}`),
      },
    },
  );
  const apply = (cluster: Cluster, ...addresses: readonly string[]) => {
    const endpoints = [endpointsOf(...addresses)];
    const part = { listeners: [], clusters: [cluster], routes: [], endpoints };
    manager.apply(new ConfigIndex({ parts: [part] }));
  };
  const fail = (address: string) =>
    manager
      .get('catalog')!
      .membership.hosts.get(address)!
      .outlierMonitor.putResult('ext-origin-request-failed', 500);
  return { dispatcher, manager, events, apply, fail, connecting };
}

describe('a cluster that is first used late', () => {
  it('counts the intervals of outlier detection since it was configured, over unchanged pushes', () => {
    const { dispatcher, events, apply, fail } = managerOf();
    dispatcher.runUntil(2 * SECOND);
    apply(CATALOG, '10.0.0.1', '10.0.0.2');
    dispatcher.runUntil(15 * SECOND);
    apply({ ...CATALOG }, '10.0.0.1', '10.0.0.2', '10.0.0.3');
    dispatcher.runUntil(18 * SECOND);
    fail('10.0.0.1:80');
    dispatcher.runUntil(60 * SECOND);
    expect(events).toEqual(['18s EJECT 10.0.0.1:80', '22s UNEJECT 10.0.0.1:80']);
  });

  it('counts them since it was changed', () => {
    const { dispatcher, events, apply, fail } = managerOf();
    apply(CATALOG, '10.0.0.1', '10.0.0.2');
    dispatcher.runUntil(15 * SECOND);
    apply({ ...CATALOG, connectTimeout: '1s' }, '10.0.0.1', '10.0.0.2');
    dispatcher.runUntil(18 * SECOND);
    fail('10.0.0.1:80');
    dispatcher.runUntil(60 * SECOND);
    expect(events[1]).toBe('25s UNEJECT 10.0.0.1:80');
  });

  it('has been there from the start when hosts start slowly: who joined long ago has its whole weight', () => {
    const { dispatcher, manager, apply } = managerOf();
    const slowStartConfig = { slowStartWindow: '60s' };
    const cluster = { ...CATALOG, roundRobinLbConfig: { slowStartConfig } };
    apply(cluster, '10.0.0.1');
    dispatcher.runUntil(300 * SECOND);
    apply(cluster, '10.0.0.1', '10.0.0.2');
    const picks = Array.from(
      { length: 11 },
      () => manager.get('catalog')!.chooseHost(0, contextOf({}))!.address,
    );
    expect(picks.filter((address) => address === '10.0.0.2:80')).toHaveLength(1);
  });
});

describe('a cluster whose hosts are checked', () => {
  const CHECKED: Cluster = {
    ...CATALOG,
    healthChecks: [
      {
        timeout: '1s',
        interval: '5s',
        unhealthyThreshold: 2,
        healthyThreshold: 2,
        tcpHealthCheck: {},
      },
    ],
  };

  it('is not there until each of its first hosts was checked', () => {
    const { manager, apply, connecting } = managerOf();
    apply(CHECKED, '10.0.0.1', '10.0.0.2');
    connecting[0]!.onConnected({} as never, 0);
    expect(manager.get('catalog')).toBeUndefined();
    connecting[1]!.onConnectFailure({} as never, 'connection-refused', 0);
    const healthy = manager.get('catalog')!.membership.prioritySet.hostSets[0]!.healthyHosts;
    expect(healthy.map((host) => host.address)).toEqual(['10.0.0.1:80']);
  });

  it('leaves the place to the one that it replaces until then', () => {
    const { manager, apply, connecting } = managerOf();
    apply(CATALOG, '10.0.0.1');
    const old = manager.get('catalog');
    apply(CHECKED, '10.0.0.1');
    expect(manager.get('catalog')).toBe(old);
    connecting[0]!.onConnected({} as never, 0);
    expect(manager.get('catalog')!.config).toBe(CHECKED);
  });

  it('that is gone again while it warms never comes', () => {
    const { manager, apply, connecting } = managerOf();
    apply(CATALOG, '10.0.0.1');
    const old = manager.get('catalog');
    apply(CHECKED, '10.0.0.1');
    apply(CATALOG, '10.0.0.1');
    connecting[0]!.onConnected({} as never, 0);
    expect(manager.get('catalog')).toBe(old);
  });
});
