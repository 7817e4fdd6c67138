import { describedHost } from '#envoy/upstream/host-builder.ts';
import { type LoadAssignment, loadAssignmentOf } from '#envoy/upstream/host-description.ts';
import { HostMembership } from '#envoy/upstream/host-membership.ts';
import { compileOutlierDetection } from '#envoy/upstream/outlier-config.ts';
import { OutlierDetector } from '#envoy/upstream/outlier-detector.ts';
import type { OutlierMonitor } from '#envoy/upstream/outlier-result.ts';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import type { OutlierDetection } from '#xds/cluster.ts';
import { readCluster } from '#xds/read.ts';
import type { VectorAdapter } from './adapter.ts';

type What = number | 'reset' | 'timeout' | 'connect_ok';

interface Vector {
  readonly hosts: number;
  readonly config: Readonly<Record<string, number | boolean>>;
  readonly script: readonly (readonly [number, number, What, number])[];
  readonly until_ms: number;
}

const MS = 1e6;
const DEPRECATED = ['ejections_total', 'ejections_consecutive_5xx', 'ejections_success_rate'];

export const run: VectorAdapter = (vector: Vector) => {
  const dispatcher = new Dispatcher();
  const events: Record<string, unknown>[] = [];
  const membership = new HostMembership(dispatcher, {
    hasActiveHealthChecks: false,
    ignoreNewHostsUntilFirstHc: false,
    ignoreHealthOnHostRemoval: false,
    ownLocality: undefined,
    updateMergeWindowMs: 0,
  });
  membership.update(assignment(vector.hosts));
  const hosts = [...membership.hosts.values()];
  const detector = new OutlierDetector({
    config: compileOutlierDetection(outlierDetection(vector.config)),
    dispatcher,
    random: new ScriptedRandom(new Array<string>(1000).fill('0')),
    membership,
    startedNs: 0,
    onEvent: ({ kind, isEnforced, host, detector: cause, multiplier, atNs }) => {
      if (!isEnforced) return;
      const event = { at_ms: atNs / MS, host: hosts.indexOf(host), event: kind };
      events.push(kind === 'eject' ? { ...event, cause, multiplier } : event);
    },
  });
  for (const [atMs, host, what, count] of vector.script) {
    dispatcher.runUntil(atMs * MS);
    for (let time = 0; time < count; time++) report(hosts[host]!.outlierMonitor, what);
  }
  dispatcher.runUntil(vector.until_ms * MS);
  return {
    expect: {
      events,
      stats: countedStats(detector.stats),
      ejected_at_end: [...hosts.keys()].filter((index) => hosts[index]!.isEjected),
      multipliers_at_end: hosts.map((host) => detector.monitorOf(host)!.ejectTimeBackoff),
    },
  };
};

function report(monitor: OutlierMonitor, what: What): void {
  if (what === 'reset') monitor.putResult('local-origin-connect-failed', 0);
  else if (what === 'timeout') monitor.putResult('local-origin-timeout', 504);
  else if (what === 'connect_ok') monitor.putResult('local-origin-connect-success', 0);
  else
    monitor.putResult(
      what >= 500 ? 'ext-origin-request-failed' : 'ext-origin-request-success',
      what,
    );
}

function assignment(count: number): LoadAssignment {
  return loadAssignmentOf([Array.from({ length: count }, (_, index) => describedHost({}, index))]);
}

/** In the file times are milliseconds. */
function outlierDetection(config: Vector['config']): OutlierDetection {
  const entries = Object.entries(config).map(([name, value]) => {
    const isTime = name === 'interval' || name.endsWith('_time');
    return [name, isTime ? `${Number(value) / 1000}s` : value];
  });
  const { value } = readCluster({
    name: 'vector',
    outlier_detection: Object.fromEntries(entries),
  });
  return value!.outlierDetection!;
}

/** The counters that are not zero; gauges and deprecated ones are not named in the file. */
function countedStats(stats: Readonly<Record<string, number>>): Record<string, number> {
  const left = Object.entries(stats).filter(
    ([name, value]) => value !== 0 && name !== 'ejections_active' && !DEPRECATED.includes(name),
  );
  return Object.fromEntries(left);
}
