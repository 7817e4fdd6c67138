import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contextOf } from '#envoy/load-balancing/balancer-builder.ts';
import { HashTables } from '#envoy/load-balancing/hash-table.ts';
import { LoadBalancerStats } from '#envoy/load-balancing/load-balancer.ts';
import { compileLoadBalancing } from '#envoy/load-balancing/load-balancing-config.ts';
import { createLoadBalancer } from '#envoy/load-balancing/policies.ts';
import { describedHost } from '#envoy/upstream/host-builder.ts';
import { loadAssignmentOf } from '#envoy/upstream/host-description.ts';
import { HostMembership } from '#envoy/upstream/host-membership.ts';
import { compileOutlierDetection } from '#envoy/upstream/outlier-config.ts';
import { OutlierDetector } from '#envoy/upstream/outlier-detector.ts';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { randomStream } from '#kernel/random.ts';
import type { LbPolicy } from '#xds/cluster.ts';

const MS = 1e6;

/** What may happen to a cluster: endpoints come, a host answers, time passes. */
const step = fc.oneof(
  fc.record({
    kind: fc.constant('endpoints' as const),
    priorities: fc.array(fc.uniqueArray(fc.nat(9), { maxLength: 6 }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record({
    kind: fc.constant('answers' as const),
    host: fc.nat(9),
    code: fc.constantFrom(200, 404, 500, 503),
    count: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(12_000) }),
);
const policy = fc.constantFrom<LbPolicy>(
  'ROUND_ROBIN',
  'LEAST_REQUEST',
  'RANDOM',
  'RING_HASH',
  'MAGLEV',
);

function clusterOf(lbPolicy: LbPolicy, updateMergeWindowMs: number) {
  const dispatcher = new Dispatcher();
  const membership = new HostMembership(dispatcher, {
    hasActiveHealthChecks: false,
    ignoreNewHostsUntilFirstHc: false,
    ignoreHealthOnHostRemoval: false,
    ownLocality: undefined,
    updateMergeWindowMs,
  });
  const detector = new OutlierDetector({
    config: compileOutlierDetection({ maxEjectionPercent: 60, baseEjectionTime: '15s' }),
    dispatcher,
    random: randomStream(1, 'outlier'),
    membership,
    startedNs: 0,
    onEvent: undefined,
  });
  const { prioritySet } = membership;
  const balancer = createLoadBalancer(
    compileLoadBalancing({
      name: 'c',
      lbPolicy,
      maglevLbConfig: { tableSize: 101 },
      ringHashLbConfig: { minimumRingSize: 16 },
    }),
    {
      prioritySet,
      localPrioritySet: undefined,
      random: randomStream(1, 'lb'),
      clock: dispatcher,
      stats: new LoadBalancerStats(),
      tables: new HashTables(),
      cluster: { upstreamRqActive: 0 },
    },
  );
  return { dispatcher, membership, detector, prioritySet, balancer };
}

type Cluster = ReturnType<typeof clusterOf>;

function take(it: typeof step extends fc.Arbitrary<infer S> ? S : never, cluster: Cluster): void {
  const { dispatcher, membership } = cluster;
  if (it.kind === 'wait') {
    dispatcher.runUntil(dispatcher.nowNs + it.ms * MS);
  } else if (it.kind === 'answers') {
    const monitor = membership.hosts.get(`h${it.host}`)?.outlierMonitor;
    const result = it.code >= 500 ? 'ext-origin-request-failed' : 'ext-origin-request-success';
    for (let time = 0; time < it.count; time++) monitor?.putResult(result, it.code);
  } else {
    const seen = new Set<number>();
    const priorities = it.priorities.map((hosts) =>
      hosts
        .filter((host) => !seen.has(host) && seen.add(host))
        .map((host) => describedHost({ address: `h${host}`, weight: 1 + (host % 3) }, host)),
    );
    membership.update(loadAssignmentOf(priorities));
  }
}

describe('a cluster whose hosts come, fail and go', () => {
  it('counts its ejected hosts, and never picks one that is gone', () => {
    fc.assert(
      fc.property(policy, fc.array(step, { maxLength: 40 }), (lbPolicy, steps) => {
        const cluster = clusterOf(lbPolicy, 1000);
        for (const it of steps) {
          take(it, cluster);
          const hosts = [...cluster.membership.hosts.values()];
          const ejected = hosts.filter((host) => host.isEjected).length;
          expect(cluster.detector.stats.ejections_active).toBe(ejected);
          const picked = cluster.balancer.chooseHost(contextOf({}));
          if (picked !== undefined) expect(hosts).toContain(picked);
          else expect(hosts).toEqual([]);
        }
      }),
    );
  });

  it('picks only healthy hosts but in panic, once every change was delivered', () => {
    fc.assert(
      fc.property(policy, fc.array(step, { maxLength: 40 }), (lbPolicy, steps) => {
        const cluster = clusterOf(lbPolicy, 0);
        for (const it of steps) {
          take(it, cluster);
          const sets = cluster.prioritySet.hostSets;
          const isAble = sets.some(
            ({ hosts, healthyHosts }) => healthyHosts.length * 2 > hosts.length,
          );
          const picked = cluster.balancer.chooseHost(contextOf({}));
          if (picked !== undefined && sets.length === 1 && isAble) {
            expect(picked.health).toBe('healthy');
          }
        }
      }),
    );
  });

  it('is quiet in the end: no timer stays when hosts are well and nothing more happens', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cluster = clusterOf('ROUND_ROBIN', 1000);
        for (const it of steps) take(it, cluster);
        cluster.dispatcher.runUntil(cluster.dispatcher.nowNs + 3600e9);
        expect(cluster.dispatcher.pendingCount).toBe(0);
        expect(cluster.detector.stats.ejections_active).toBe(0);
      }),
    );
  });
});
