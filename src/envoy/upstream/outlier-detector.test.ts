import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import type { OutlierDetection } from '#xds/cluster.ts';
import { HeaderMap } from '../http/header-map.ts';
import { describedHost, hostMembershipOf } from './host-builder.ts';
import { loadAssignmentOf } from './host-description.ts';
import { compileOutlierDetection } from './outlier-config.ts';
import { OutlierDetector } from './outlier-detector.ts';
import type { OutlierResult } from './outlier-result.ts';

const MS = 1e6;
const SECOND = 1000 * MS;

/** A cluster of hosts called a, b, c… under outlier detection. */
function clusterOf(
  names: string,
  outlierDetection: OutlierDetection,
  draws: readonly string[] = [],
) {
  const dispatcher = new Dispatcher();
  const membership = hostMembershipOf(dispatcher);
  const hosts = (addresses: string) =>
    loadAssignmentOf([[...addresses].map((address, index) => describedHost({ address }, index))]);
  membership.update(hosts(names));
  const events: string[] = [];
  const detector = new OutlierDetector({
    config: compileOutlierDetection(outlierDetection),
    dispatcher,
    random: new ScriptedRandom([...draws, ...new Array<string>(100).fill('0')]),
    membership,
    startedNs: 0,
    onEvent: ({ kind, isEnforced, host, detector: by, multiplier, atNs }) => {
      const rest =
        kind === 'eject' ? ` ${by} ${isEnforced ? `×${multiplier}` : 'not enforced'}` : '';
      events.push(`${atNs / SECOND}s ${kind} ${host.address}${rest}`);
    },
  });
  const monitorOf = (name: string) => membership.hosts.get(name)!.outlierMonitor;
  return {
    dispatcher,
    detector,
    membership,
    monitorOf,
    events,
    stats: detector.stats,
    hosts: (addresses: string) => membership.update(hosts(addresses)),
    answers(name: string, ...codes: readonly number[]) {
      for (const code of codes) monitorOf(name).putHttpResponseCode(code);
    },
    reports(name: string, ...results: readonly OutlierResult[]) {
      for (const result of results) monitorOf(name).putResult(result, 0);
    },
    runUntil: (seconds: number) => dispatcher.runUntil(seconds * SECOND),
    ejected: () =>
      [...membership.hosts.values()].filter((it) => it.isEjected).map((it) => it.address),
  };
}

const times = (count: number, code: number): number[] => new Array<number>(count).fill(code);

describe('consecutive failures', () => {
  it('eject a host at its fifth 5xx in a row; the sweep that ends the base ejection time takes it back', () => {
    const cluster = clusterOf('abc', { consecutive5xx: 5, maxEjectionPercent: 100 });
    cluster.runUntil(1);
    cluster.answers('a', 500, 500, 500, 500);
    expect(cluster.ejected()).toEqual([]);
    cluster.answers('a', 503);
    expect(cluster.ejected()).toEqual(['a']);
    cluster.runUntil(39);
    expect(cluster.ejected()).toEqual(['a']);
    cluster.runUntil(40);
    expect(cluster.events).toEqual(['1s eject a consecutive_5xx ×1', '40s uneject a']);
  });

  it('last until the tick after the base ejection time: 2 s and an interval of 1 s give 2.6 s', () => {
    const cluster = clusterOf('ab', {
      interval: '1s',
      baseEjectionTime: '2s',
      maxEjectionPercent: 100,
      consecutive5xx: 1,
    });
    cluster.runUntil(0.4);
    cluster.answers('a', 500);
    cluster.runUntil(10);
    expect(cluster.events[1]).toBe('3s uneject a');
  });

  it('are forgotten at a success, and at an answer below 500', () => {
    const cluster = clusterOf('ab', { consecutive5xx: 2, maxEjectionPercent: 100 });
    cluster.answers('a', 500, 200, 500, 404, 500);
    expect(cluster.ejected()).toEqual([]);
  });

  it('count a reset as a 503: two refused connections eject by gateway failures', () => {
    const cluster = clusterOf('ab', {
      consecutiveGatewayFailure: 2,
      enforcingConsecutiveGatewayFailure: 100,
      maxEjectionPercent: 100,
    });
    cluster.reports('a', 'local-origin-connect-failed', 'local-origin-connect-failed');
    expect(cluster.events).toEqual(['0s eject a consecutive_gateway_failure ×1']);
  });

  it('of the gateway end at a 500, those of 5xx do not', () => {
    const cluster = clusterOf('ab', {
      consecutiveGatewayFailure: 2,
      enforcingConsecutiveGatewayFailure: 100,
      maxEjectionPercent: 100,
    });
    cluster.answers('a', 503, 500, 503, 500);
    expect(cluster.ejected()).toEqual([]);
    cluster.answers('a', 503);
    expect(cluster.events).toEqual(['0s eject a consecutive_5xx ×1']);
  });

  it('by threshold 0 never eject', () => {
    const cluster = clusterOf('a', { consecutive5xx: 0, maxEjectionPercent: 100 });
    cluster.answers('a', ...times(50, 500));
    expect(cluster.stats.ejections_detected_consecutive_5xx).toBe(0);
  });

  it('that may not eject are counted again from 0', () => {
    const cluster = clusterOf('ab', { consecutive5xx: 3 });
    cluster.answers('a', ...times(7, 500));
    expect(cluster.stats).toMatchObject({
      ejections_detected_consecutive_5xx: 2,
      ejections_overflow: 2,
      ejections_active: 0,
      ejections_consecutive_5xx: 2,
    });
  });

  it('eject as often as they are enforced', () => {
    const cluster = clusterOf(
      'ab',
      { consecutive5xx: 1, enforcingConsecutive5xx: 40, maxEjectionPercent: 100 },
      ['40', '39', '0'],
    );
    cluster.answers('a', 500);
    expect(cluster.ejected()).toEqual([]);
    cluster.answers('a', 500);
    expect(cluster.ejected()).toEqual(['a']);
    expect(cluster.stats).toMatchObject({ ejections_total: 2, ejections_enforced_total: 1 });
    expect(cluster.events).toEqual([
      '0s eject a consecutive_5xx not enforced',
      '0s eject a consecutive_5xx ×1',
    ]);
  });
});

describe('the maximum of ejected hosts', () => {
  it('of 10 % by default lets nobody of fewer than ten hosts be ejected', () => {
    const cluster = clusterOf('ab', { consecutive5xx: 1 });
    cluster.answers('a', 500);
    expect([cluster.ejected(), cluster.stats.ejections_overflow]).toEqual([[], 1]);
  });

  it('of 50 % of three hosts is one', () => {
    const cluster = clusterOf('abc', { consecutive5xx: 1, maxEjectionPercent: 50 });
    cluster.answers('a', 500);
    cluster.answers('b', 500);
    expect(cluster.ejected()).toEqual(['a']);
  });

  it('spares one host when always_eject_one_host says so', () => {
    const cluster = clusterOf('ab', { consecutive5xx: 1, alwaysEjectOneHost: true });
    cluster.answers('a', 500);
    cluster.answers('b', 500);
    expect(cluster.ejected()).toEqual(['a']);
  });

  it('no longer counts an ejected host that left', () => {
    const cluster = clusterOf('abc', { consecutive5xx: 1, maxEjectionPercent: 50 });
    cluster.answers('a', 500);
    cluster.hosts('bc');
    expect(cluster.stats.ejections_active).toBe(0);
    cluster.answers('b', 500);
    expect(cluster.ejected()).toEqual(['b']);
  });
});

describe('the multiplier of the ejection time', () => {
  const config: OutlierDetection = {
    consecutive5xx: 1,
    maxEjectionPercent: 100,
    baseEjectionTime: '10s',
  };

  it('grows with each ejection, and shrinks with each interval of good behaviour', () => {
    const cluster = clusterOf('ab', config);
    cluster.answers('a', 500);
    cluster.runUntil(10);
    cluster.answers('a', 500);
    cluster.runUntil(30);
    expect(cluster.events).toEqual([
      '0s eject a consecutive_5xx ×1',
      '10s uneject a',
      '10s eject a consecutive_5xx ×2',
      '30s uneject a',
    ]);
    cluster.runUntil(49);
    cluster.answers('a', 500); // One of the two was forgiven at 40 s.
    expect(cluster.events[4]).toBe('49s eject a consecutive_5xx ×2');
  });

  it('stops where the maximum ejection time does', () => {
    const cluster = clusterOf('ab', { ...config, maxEjectionTime: '20s' });
    for (const seconds of [0, 10, 30, 50, 70]) {
      cluster.runUntil(seconds);
      cluster.answers('a', 500);
    }
    expect(cluster.events.filter((event) => event.includes('eject a cons')).at(-1)).toBe(
      '70s eject a consecutive_5xx ×3',
    );
  });

  it('comes with a jitter drawn at each ejection', () => {
    const cluster = clusterOf('ab', { ...config, maxEjectionTimeJitter: '15s' }, ['10001']);
    cluster.answers('a', 500);
    cluster.runUntil(100);
    expect(cluster.events[1]).toBe('30s uneject a');
  });
});

describe('split origins', () => {
  const config: OutlierDetection = {
    splitExternalLocalOriginErrors: true,
    maxEjectionPercent: 100,
    consecutiveLocalOriginFailure: 3,
    consecutive5xx: 3,
    consecutiveGatewayFailure: 3,
    enforcingConsecutiveGatewayFailure: 100,
  };

  it('count failed connections and timeouts apart; a connection that comes about resets them', () => {
    const cluster = clusterOf('ab', config);
    const failed = 'local-origin-connect-failed';
    cluster.reports('a', failed, 'local-origin-timeout', 'local-origin-connect-success', failed);
    cluster.answers('a', 500, 500);
    expect(cluster.ejected()).toEqual([]);
    cluster.reports('a', 'local-origin-timeout', failed);
    expect(cluster.events).toEqual(['0s eject a consecutive_local_origin_failure ×1']);
  });

  it('take any external failure without a status for a gateway failure', () => {
    const cluster = clusterOf('ab', config);
    const failed = 'ext-origin-request-failed';
    cluster.reports('a', failed, failed, failed);
    expect(cluster.events).toEqual(['0s eject a consecutive_gateway_failure ×1']);
  });

  it('count an HTTP answer by its own status', () => {
    const cluster = clusterOf('ab', config);
    cluster.answers('a', 500, 500, 500);
    cluster.answers('b', 503, 503, 503);
    expect(cluster.events).toEqual([
      '0s eject a consecutive_5xx ×1',
      '0s eject b consecutive_gateway_failure ×1',
    ]);
  });

  it('do not take an HTTP answer for a success of the local origin', () => {
    const cluster = clusterOf('ab', config);
    cluster.reports('a', 'local-origin-timeout', 'local-origin-timeout');
    cluster.answers('a', 200);
    cluster.reports('a', 'local-origin-timeout');
    expect(cluster.events).toEqual(['0s eject a consecutive_local_origin_failure ×1']);
  });
});

describe('the end of an interval', () => {
  it('ejects a host whose success rate stands out among five', () => {
    const cluster = clusterOf('abcde', { enforcingConsecutive5xx: 0, maxEjectionPercent: 100 });
    for (const name of 'abcd') cluster.answers(name, ...times(100, 200));
    cluster.answers('e', ...times(50, 200), ...times(50, 500));
    cluster.runUntil(10);
    expect(cluster.events.at(-1)).toBe('10s eject e success_rate ×1');
    expect(cluster.stats).toMatchObject({
      ejections_detected_success_rate: 1,
      ejections_success_rate: 1,
    });
  });

  it('ejects nobody for a rate over too few requests, or among too few hosts', () => {
    const few = clusterOf('abcde', { enforcingConsecutive5xx: 0, maxEjectionPercent: 100 });
    for (const name of 'abcd') few.answers(name, ...times(100, 200));
    few.answers('e', ...times(99, 500));
    few.runUntil(10);
    expect(few.ejected()).toEqual([]);
    const small = clusterOf('abcd', { enforcingConsecutive5xx: 0, maxEjectionPercent: 100 });
    for (const name of 'abc') small.answers(name, ...times(100, 200));
    small.answers('d', ...times(100, 500));
    small.runUntil(10);
    expect(small.ejected()).toEqual([]);
  });

  it('ejects by failure percentage, from the threshold on', () => {
    const cluster = clusterOf('abcde', {
      enforcingConsecutive5xx: 0,
      enforcingSuccessRate: 0,
      enforcingFailurePercentage: 100,
      failurePercentageThreshold: 50,
      maxEjectionPercent: 100,
    });
    for (const name of 'abc') cluster.answers(name, ...times(50, 200));
    cluster.answers('d', ...times(25, 200), ...times(25, 500));
    cluster.answers('e', ...times(26, 200), ...times(24, 500));
    cluster.runUntil(10);
    expect(cluster.events.at(-1)).toBe('10s eject d failure_percentage ×1');
    expect(cluster.ejected()).toEqual(['d']);
  });

  it('falls on whole intervals since the cluster was configured, whenever traffic begins', () => {
    const cluster = clusterOf('ab', { consecutive5xx: 1, maxEjectionPercent: 100 });
    cluster.runUntil(123);
    expect(cluster.dispatcher.pendingCount).toBe(0); // Without results there is nothing to sweep.
    cluster.answers('a', 500);
    cluster.runUntil(300);
    expect(cluster.events[1]).toBe('160s uneject a');
    expect(cluster.dispatcher.pendingCount).toBe(0);
  });

  it('looks at that interval alone', () => {
    const cluster = clusterOf('abcde', { enforcingConsecutive5xx: 0, maxEjectionPercent: 100 });
    cluster.answers('e', ...times(100, 500));
    cluster.runUntil(10);
    for (const name of 'abcde') cluster.answers(name, ...times(100, 200));
    cluster.runUntil(20);
    expect(cluster.ejected()).toEqual([]);
  });
});

describe('an ejected host', () => {
  it('leaves the healthy list at once in a quiet cluster, a later one with the merge window', () => {
    const cluster = clusterOf('abc', { consecutive5xx: 1, maxEjectionPercent: 100 });
    const healthy = () =>
      cluster.membership.prioritySet.hostSets[0]!.healthyHosts.map((host) => host.address);
    cluster.runUntil(1);
    cluster.answers('a', 500);
    cluster.runUntil(1.2);
    cluster.answers('b', 500);
    expect([cluster.ejected(), healthy()]).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ]);
    cluster.runUntil(2.2);
    expect(healthy()).toEqual(['c']);
  });

  it('comes back when an active health check passes', () => {
    const cluster = clusterOf('ab', { consecutive5xx: 1, maxEjectionPercent: 100 });
    cluster.answers('a', 500);
    cluster.detector.onActiveHealthCheckSuccess(cluster.membership.hosts.get('a')!);
    expect(cluster.ejected()).toEqual([]);
    expect(cluster.stats.ejections_active).toBe(0);
  });

  it('starts fresh when it leaves and joins again', () => {
    const cluster = clusterOf('ab', { consecutive5xx: 2, maxEjectionPercent: 100 });
    cluster.answers('a', 500);
    cluster.hosts('b');
    cluster.hosts('ab');
    cluster.answers('a', 500);
    expect(cluster.ejected()).toEqual([]);
  });

  it('reports nothing any more when its cluster is gone', () => {
    const cluster = clusterOf('ab', { consecutive5xx: 1, maxEjectionPercent: 100 });
    cluster.detector.stop();
    cluster.answers('a', 500);
    expect([cluster.events, cluster.dispatcher.pendingCount]).toEqual([[], 0]);
  });
});

describe('a host that says of itself that it is degraded', () => {
  const DETECTS = { detectDegradedHosts: true, interval: '1s', baseEjectionTime: '1s' };
  const degraded = HeaderMap.of([['x-envoy-degraded', 'true']]);

  it('is taken for degraded until a sweep past its time, longer each time', () => {
    const cluster = clusterOf('ab', DETECTS);
    const answer = () => cluster.monitorOf('a').putHttpResponseCode(200, degraded);
    cluster.runUntil(0.1);
    answer();
    answer(); // It is already.
    cluster.runUntil(2.1);
    answer();
    cluster.runUntil(6);
    expect(cluster.events).toEqual([
      '0.1s degrade a',
      '2s undegrade a',
      '2.1s degrade a',
      '5s undegrade a',
    ]);
    expect(cluster.stats).toMatchObject({
      ejections_detected_degradation: 2,
      ejections_enforced_total: 0,
    });
  });

  it('is degraded for the balancers, not ejected', () => {
    const cluster = clusterOf('ab', DETECTS);
    cluster.monitorOf('a').putHttpResponseCode(200, degraded);
    expect(cluster.membership.hosts.get('a')!.health).toBe('degraded');
    expect(cluster.ejected()).toEqual([]);
  });

  it('counts as nothing but a failure when the answer failed, and as nothing without the setting', () => {
    const failed = clusterOf('a', DETECTS);
    failed.monitorOf('a').putHttpResponseCode(503, degraded);
    const other = clusterOf('a', {});
    other.monitorOf('a').putHttpResponseCode(200, degraded);
    expect([failed.events, other.events]).toEqual([[], []]);
  });
});
