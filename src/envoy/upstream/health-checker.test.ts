import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import type { HealthCheck } from '#xds/cluster.ts';
import { compileHealthCheck, httpProbeResult, type ProbeResult } from './health-check-config.ts';
import type { HealthProber, ProbeListener } from './health-check-session.ts';
import { HealthChecker } from './health-checker.ts';
import type { Host } from './host.ts';
import { describedHost, hostMembershipOf } from './host-builder.ts';
import { loadAssignmentOf } from './host-description.ts';

const SECOND = 1e9;
const CHECK: HealthCheck = {
  timeout: '1s',
  interval: '5s',
  unhealthyThreshold: 2,
  healthyThreshold: 3,
};

/** Answers 1 ms later with what `says` holds for the host; says nothing when that is undefined. */
class ScriptedProber implements HealthProber {
  readonly says = new Map<string, ProbeResult | undefined>();
  readonly probedAtS: number[] = [];
  readonly #dispatcher: Dispatcher;

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  forget() {}

  probe(host: Host, _config: unknown, listener: ProbeListener) {
    this.probedAtS.push(this.#dispatcher.nowNs / SECOND);
    let isCancelled = false;
    const answer = () => {
      const result = this.says.get(host.address);
      if (!isCancelled && result !== undefined) listener.onProbeResult(result);
    };
    this.#dispatcher.schedule(1e6, { onEvent: answer }, 0);
    return {
      cancel: () => {
        isCancelled = true;
      },
    };
  }
}

function clusterOf(
  names: string,
  check: HealthCheck = CHECK,
  { hasTraffic = true, ignoreNewHostsUntilFirstHc = false, updateMergeWindowMs = 0 } = {},
) {
  const dispatcher = new Dispatcher();
  const membership = hostMembershipOf(dispatcher, {
    hasActiveHealthChecks: true,
    ignoreNewHostsUntilFirstHc,
    updateMergeWindowMs,
  });
  const hosts = (addresses: string) => {
    const endpoints = [...addresses].map((address, index) => describedHost({ address }, index));
    membership.update(loadAssignmentOf([endpoints]));
  };
  hosts(names);
  const prober = new ScriptedProber(dispatcher);
  for (const name of names) prober.says.set(name, 'healthy');
  const failures: string[] = [];
  const checker = new HealthChecker({
    config: compileHealthCheck(check),
    dispatcher,
    random: new ScriptedRandom(['700', '300', '0', '0', '0', '0']),
    membership,
    prober,
    cluster: { upstreamCxTotal: hasTraffic ? 1 : 0 },
    observer: {
      onHealthCheckSuccess() {},
      onHostHealthFailure: (host) => failures.push(host.address),
    },
  });
  const hostSet = () => membership.prioritySet.hostSets[0]!;
  return {
    dispatcher,
    membership,
    checker,
    prober,
    failures,
    hosts,
    healthy: () => hostSet().healthyHosts.map((host) => host.address),
    degraded: () => hostSet().degradedHosts.map((host) => host.address),
    excluded: () => hostSet().excludedHosts.map((host) => host.address),
    runUntil: (seconds: number) => dispatcher.runUntil(seconds * SECOND),
  };
}

describe('an active health check', () => {
  it('makes a host healthy at its first good answer', () => {
    const { healthy, runUntil, checker } = clusterOf('ab');
    expect(healthy()).toEqual([]);
    runUntil(0.001);
    expect(healthy()).toEqual(['a', 'b']);
    expect(checker.stats).toMatchObject({ attempt: 2, success: 2, healthy: 2 });
  });

  it('fails a host after the threshold of network failures in a row, timeouts among them', () => {
    const { healthy, runUntil, prober, failures } = clusterOf('ab');
    runUntil(1);
    prober.says.set('a', undefined);
    runUntil(7); // Checked at 5.001 s, timed out at 6.001 s.
    expect(healthy()).toEqual(['a', 'b']);
    prober.says.set('a', 'network-failure');
    runUntil(12);
    expect(healthy()).toEqual(['b']);
    expect(failures).toEqual(['a']);
  });

  it('fails a host at once for a refusal', () => {
    const { healthy, runUntil, prober } = clusterOf('ab');
    runUntil(1);
    prober.says.set('a', 'refused');
    runUntil(5.002);
    expect(healthy()).toEqual(['b']);
  });

  it('takes a failed host back after the threshold of good answers', () => {
    const { healthy, runUntil, prober } = clusterOf('a');
    runUntil(1);
    prober.says.set('a', 'refused');
    runUntil(6);
    prober.says.set('a', 'healthy');
    runUntil(15.5); // Two good answers.
    expect(healthy()).toEqual([]);
    runUntil(20.5);
    expect(healthy()).toEqual(['a']);
  });

  it('checks more often at the edge between two states', () => {
    const check = { ...CHECK, unhealthyEdgeInterval: '0.5s', unhealthyInterval: '30s' };
    const { runUntil, prober } = clusterOf('a', check);
    runUntil(1);
    prober.says.set('a', 'network-failure');
    runUntil(40);
    expect(prober.probedAtS).toEqual([0, 5.001, 5.502, 35.503]);
  });

  it('is rare as long as the cluster has no traffic', () => {
    const { runUntil, prober } = clusterOf('a', CHECK, { hasTraffic: false });
    runUntil(130);
    expect(prober.probedAtS).toEqual([0, 60.001, 120.002]);
  });

  it('starts within the initial jitter and adds the interval’s', () => {
    const check = { ...CHECK, initialJitter: '1s', intervalJitter: '0.5s' };
    const { runUntil, prober } = clusterOf('a', check);
    runUntil(7);
    expect(prober.probedAtS).toEqual([0.7, 6.001]);
  });

  it('marks a host degraded that says so, and as it was when it no longer does', () => {
    const { healthy, degraded, runUntil, prober } = clusterOf('a');
    prober.says.set('a', 'degraded');
    runUntil(1);
    expect([healthy(), degraded()]).toEqual([[], ['a']]);
    prober.says.set('a', 'healthy');
    runUntil(6);
    expect([healthy(), degraded()]).toEqual([['a'], []]);
  });

  it('excludes a host until its first answer, whatever that is, when the cluster says so', () => {
    const { excluded, runUntil, prober } = clusterOf('a', CHECK, {
      ignoreNewHostsUntilFirstHc: true,
    });
    expect(excluded()).toEqual(['a']);
    prober.says.set('a', 'refused');
    runUntil(1);
    expect(excluded()).toEqual([]);
  });

  it('lets a host that left configuration stay until it fails', () => {
    const { hosts, healthy, membership, runUntil, prober } = clusterOf('ab');
    runUntil(1);
    hosts('b');
    expect(healthy()).toEqual(['a', 'b']); // Nothing changed: not even the order.
    prober.says.set('a', 'refused');
    runUntil(6);
    expect([...membership.hosts.keys()]).toEqual(['b']);
    runUntil(60);
    expect(prober.probedAtS.filter((at) => at > 6)).toHaveLength(10); // Those of b.
  });

  it('leaves alone a host that is not to be checked', () => {
    const { membership, prober, runUntil, healthy } = clusterOf('a');
    const free = {
      ...describedHost({ address: 'b' }, 1),
      healthCheck: { disableActiveHealthCheck: true },
    };
    membership.update(loadAssignmentOf([[membership.hosts.get('a')!.description, free]]));
    expect(healthy()).toEqual(['b']);
    runUntil(1);
    expect([healthy(), prober.probedAtS]).toEqual([['a', 'b'], [0]]);
  });

  it('takes a host out at once when one of its answers asks for it', () => {
    const { membership, healthy, excluded, checker, runUntil } = clusterOf('ab');
    runUntil(1);
    const host = membership.hosts.get('a')!;
    host.activeHealth!.onImmediateFailure(host);
    expect([healthy(), excluded()]).toEqual([['b'], ['a']]);
    expect(checker.stats).toMatchObject({ failure: 1, passiveFailure: 1, networkFailure: 0 });
  });

  it('delivers the first round at once, past the merge window', () => {
    const { checker, healthy, runUntil } = clusterOf('abc', CHECK, { updateMergeWindowMs: 1000 });
    expect(checker.isFirstRoundOver).toBe(false);
    runUntil(0.001);
    expect([healthy(), checker.isFirstRoundOver]).toEqual([['a', 'b', 'c'], true]);
  });

  it('draws a share of its interval as jitter', () => {
    const { runUntil, prober } = clusterOf('a', { ...CHECK, intervalJitterPercent: 20 });
    runUntil(7); // 20 % of 5 s, of which the first draw takes 700 ms.
    expect(prober.probedAtS).toEqual([0, 5.701]);
  });

  it('ends with its cluster', () => {
    const { checker, dispatcher, runUntil } = clusterOf('ab');
    runUntil(1);
    checker.stop();
    expect(dispatcher.pendingCount).toBe(0);
  });
});

describe('the answer to an HTTP health check', () => {
  it('must be 200 unless other statuses are expected', () => {
    const xds: HealthCheck = {
      httpHealthCheck: {
        path: '/healthz',
        expectedStatuses: [{ start: '200', end: '300' }],
        retriableStatuses: [{ start: '503', end: '504' }],
      },
    };
    const plain: HealthCheck = { httpHealthCheck: { path: '/' } };
    expect([200, 204].map((it) => httpProbeResult(it, false, plain))).toEqual([
      'healthy',
      'refused',
    ]);
    expect([204, 300, 503].map((it) => httpProbeResult(it, false, xds))).toEqual([
      'healthy',
      'refused',
      'retriable-failure',
    ]);
    expect(httpProbeResult(200, true, plain)).toBe('degraded');
  });
});
