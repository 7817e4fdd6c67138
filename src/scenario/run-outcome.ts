import { configCoverage } from '#mesh/coverage.ts';
import { explainFailure } from '#mesh/explain-failure.ts';
import type { Mesh } from '#mesh/mesh.ts';
import type { ExpectationResult } from '#telemetry/query/expectation.ts';
import type { RunRecorder } from '#telemetry/run-recorder.ts';
import { behindFailure } from './behind-failure.ts';
import type { Experiment } from './experiment.ts';
import { folderOf } from './file/paths.ts';
import { type FailureFacts, RunBlame } from './run-blame.ts';
import type { BlameCause, EventResult, RunResult } from './run-result.ts';
import { RunTables } from './run-tables.ts';
import type { Scenario } from './scenario.ts';

/** A run as it stands: what its result is made from. */
export interface RunState {
  readonly experiment: Experiment;
  readonly mesh: Mesh;
  readonly recorder: RunRecorder;
  readonly nowNs: number;
  readonly isOver: boolean;
  /** The expectation that ended the run early. */
  readonly abortedBy: string | undefined;
  /** '' before the end. */
  readonly digest: string;
  readonly expectations: readonly ExpectationResult[];
  readonly timelineNotes: readonly string[];
}

/** The newest Istio whose behaviour is known. */
const NEWEST_ISTIO = '1.32';

export function runResult(state: RunState): RunResult {
  const { experiment, mesh, recorder, nowNs } = state;
  const { scenario } = experiment;
  const offeredNs = Math.min(nowNs, scenario.durationNs);
  const tables = new RunTables(recorder, Math.max(0, offeredNs - scenario.warmupNs));
  const blame = runBlame(state);
  const hasStopped = !state.isOver || state.abortedBy !== undefined;
  return {
    scenario: scenario.file,
    title: titleOf(scenario),
    seed: scenario.seed,
    istioVersion: scenario.istioVersion ?? NEWEST_ISTIO,
    digest: state.digest,
    durationNs: scenario.durationNs,
    warmupNs: scenario.warmupNs,
    stoppedAtNs: hasStopped ? nowNs : undefined,
    expectations: state.expectations.map((one) => tables.outcomeOf(one, blame)),
    clients: tables.clients(),
    edges: tables.edges(),
    workloads: tables.workloads(),
    splits: tables.splits(),
    responses: tables.responses(),
    ejections: tables.ejections(),
    gauges: tables.gauges(nowNs),
    events: eventsOf(recorder),
    blame: blame.all(),
    coverage: configCoverage(experiment.given.store, mesh, recorder),
    notModelled: experiment.notModelled,
    notes: [...experiment.notes, ...state.timelineNotes, ...notesOf(state)],
    series: recorder.series,
  };
}

/** Why requests of a run failed, so far. */
export function runBlame({
  experiment,
  mesh,
  recorder,
}: Pick<RunState, 'experiment' | 'mesh' | 'recorder'>): RunBlame {
  return new RunBlame(recorder, {
    rule: (failure) => blockedBy(experiment.scenario, failure) ?? explainFailure(mesh, failure),
    behind: (failure) => behindFailure(experiment, failure),
  });
}

/** REGISTRY_ONLY: what is not in the registry goes nowhere. */
function blockedBy(
  { meshConfig }: Scenario,
  { cluster, route }: FailureFacts,
): BlameCause | undefined {
  if (cluster !== 'BlackHoleCluster' && route !== 'block_all') return undefined;
  return {
    object: meshConfig === undefined ? 'Sidecar' : 'meshConfig',
    at: meshConfig?.at,
    setting: 'outboundTrafficPolicy: REGISTRY_ONLY, and nobody has registered the host',
  };
}

function titleOf({ title, file }: Scenario): string {
  if (title !== '') return title;
  const folder = folderOf(file);
  return folder === '.' ? file : (folder.split('/').at(-1) ?? file);
}

/** Pushes and notes in order of time. */
function eventsOf({ events, rows }: RunRecorder): readonly EventResult[] {
  const pushes = events.pushes.map(
    ({ atNs, proxy, change }): EventResult => ({
      atNs,
      kind: 'push',
      proxy: rows.proxies.of(proxy).name,
      text: change,
    }),
  );
  const notes = events.notes.map(
    ({ atNs, text }): EventResult => ({ atNs, kind: 'step', proxy: '', text }),
  );
  return [...notes, ...pushes].sort((a, b) => a.atNs - b.atNs);
}

function notesOf({ experiment, mesh, abortedBy }: RunState): readonly string[] {
  const notes: string[] = [];
  const { external } = experiment.scenario;
  const assumed = mesh.external.contacted.filter((host) => !external.has(host));
  if (assumed.length > 0) {
    const hosts = assumed.join(', ');
    notes.push(`outside hosts answer 200 after 20ms unless external: says otherwise: ${hosts}`);
  }
  if (abortedBy !== undefined) notes.push(`stopped early: "${abortedBy}" can no longer hold`);
  return notes;
}
