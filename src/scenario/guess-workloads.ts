import type { ClusterView } from '#mesh/cluster/cluster-view.ts';
import { type GuessedCall, type GuessedCalls, withoutCircles } from './guess-calls.ts';
import { workloadsBehind } from './guess-clients.ts';
import type { MeasuredFacts } from './measured/measured-facts.ts';
import { latencyText, type MeasuredLatency, withoutCalls } from './measured/measured-latency.ts';
import { percentText } from './measured/short-text.ts';

/** How a workload seems to behave, as a scenario writes it. */
export interface GuessedWorkload {
  /** `namespace/name`. */
  readonly key: string;
  readonly latency: string;
  /** Undefined: nothing fails. */
  readonly errors: string | undefined;
  readonly calls: readonly GuessedCall[];
  /** What it stands on; '' for the usual guess. */
  readonly why: string;
}

export interface GuessedWorkloads {
  readonly workloads: readonly GuessedWorkload[];
  /** Calls that would have closed a circle: from which workload. */
  readonly dropped: readonly (readonly [string, GuessedCall])[];
}

const USUAL_LATENCY = '{ p50: 10ms, p99: 50ms }';

/** Every workload that is no gateway: as it was measured, else with the usual guess. */
export function guessWorkloads(
  view: ClusterView,
  suggested: GuessedCalls,
  measured: MeasuredFacts,
): GuessedWorkloads {
  const known = [...view.workloads].filter(([, { pods }]) =>
    pods.some(({ proxy }) => proxy !== 'gateway'),
  );
  // What was measured says more than the environment: also that a workload calls nobody.
  const all = new Map(measured.calls);
  const isMeasured = (key: string) => measured.calls.size > 0 && measured.latencies.has(key);
  for (const [key, calls] of suggested) if (!all.has(key) && !isMeasured(key)) all.set(key, calls);
  const { calls, dropped } = withoutCircles(all, (service) => workloadsOf(view, service));
  const workloads = known.map(([key]): GuessedWorkload => {
    const own = calls.get(key) ?? [];
    const latency = measured.latencies.get(key);
    return {
      key,
      latency: latency === undefined ? USUAL_LATENCY : latencyText(ownTime(latency, key, measured)),
      errors: errorsText(ownErrors(key, measured)),
      calls: own,
      why: measured.reasons.get(key) ?? '',
    };
  });
  return { workloads, dropped };
}

function workloadsOf(view: ClusterView, service: string): readonly string[] {
  const [namespace, name] = service.split('/');
  const found = view.store
    .of('Service')
    .find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  if (found === undefined) return [];
  return workloadsBehind(view, found).map((workload) => `${workload.namespace}/${workload.name}`);
}

/** What was measured of a request has the calls in it, which the scenario makes on its own. */
function ownTime(
  latency: MeasuredLatency,
  key: string,
  { calls, callTimesMs }: MeasuredFacts,
): MeasuredLatency {
  const callsMs = (calls.get(key) ?? []).reduce(
    (sum, { service, perRequest }) =>
      sum + perRequest * (callTimesMs.get(`${key} ${service}`) ?? 0),
    0,
  );
  return callsMs > 0 ? withoutCalls(latency, callsMs) : latency;
}

/** Errors beyond those that the calls of a workload bring along. */
function ownErrors(
  key: string,
  { errorShares, calls, failedShares }: MeasuredFacts,
): ReadonlyMap<number, number> {
  const own = new Map(errorShares.get(key) ?? []);
  let inherited = (calls.get(key) ?? []).reduce(
    (sum, { service, perRequest }) => sum + perRequest * (failedShares.get(service) ?? 0),
    0,
  );
  for (const [status, share] of own) {
    if (status < 500) continue;
    const left = Math.max(0, share - inherited);
    inherited = Math.max(0, inherited - share);
    own.set(status, left);
  }
  return own;
}

/** Rarer statuses are left out: a short run would not see them. */
const LEAST_SHARE = 1e-5;

function errorsText(shares: ReadonlyMap<number, number>): string | undefined {
  const parts = [...shares]
    .filter(([, share]) => share >= LEAST_SHARE)
    .sort(([a], [b]) => a - b)
    .map(([status, share]) => `${status}: ${percentText(Math.min(share, 1))}`);
  return parts.length === 0 ? undefined : `{ ${parts.join(', ')} }`;
}
