import { unknownMetrics } from '#mesh/autoscaling/horizontal-autoscaler.ts';
import { type ClusterView, clusterView } from '#mesh/cluster/cluster-view.ts';
import { ClusterDns } from '#mesh/cluster-dns.ts';
import { type GivenMesh, givenMesh, isIstioVersion } from '#mesh/given-mesh.ts';
import { type LoadedManifests, loadManifests } from '#mesh/manifests.ts';
import type { NotModelled } from '#mesh/not-modelled.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import type { SourceFile } from '#source/source-file.ts';
import { type CompiledExpectation, compileExpectation } from '#telemetry/query/expectation.ts';
import { checkCalls } from './check-calls.ts';
import { checkClients } from './check-clients.ts';
import { checkPods } from './check-pods.ts';
import { checkTimeline } from './check-timeline.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { folderOf, pathFrom } from './file/paths.ts';
import { Report } from './file/shape.ts';
import type { TimelineStep } from './file/timeline-keys.ts';
import type { Scenario } from './scenario.ts';
import { findWorkload } from './workload-names.ts';

/** A scenario with its mesh, checked and ready to be run any number of times. */
export interface Experiment {
  readonly scenario: Scenario;
  readonly given: GivenMesh;
  /** What each `apply` (or `delete` of files) of the timeline brings. */
  readonly applied: ReadonlyMap<TimelineStep, LoadedManifests>;
  readonly expectations: readonly CompiledExpectation[];
  /** Workload names of the scenario as `namespace/name`; `*` is not among them. */
  readonly workloadKeys: ReadonlyMap<string, string>;
  /** By client: the workload that it sends from, or the gateway that it sends through. */
  readonly clientWorkloads: ReadonlyMap<string, string>;
  readonly withoutSidecar: ReadonlySet<string>;
  readonly notes: readonly string[];
  readonly notModelled: readonly NotModelled[];
}

export interface PreparedExperiment {
  /** Undefined when something is wrong. */
  readonly experiment: Experiment | undefined;
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PrepareOptions {
  /** Objects that are not simulated are errors. */
  readonly isStrict?: boolean;
}

/** Of what a `delete` step names: a file, not KIND/NAME. */
function isManifestFile(text: string): boolean {
  return /\.(?:ya?ml|json)$/.test(text);
}

/** Reads the mesh of a scenario and checks everything that can be known before the run. */
export function prepareExperiment(
  scenario: Scenario,
  fileSystem: ScenarioFileSystem,
  options: PrepareOptions = {},
): PreparedExperiment {
  const report = new Report();
  const files: SourceFile[] = [];
  const load = (sources: Scenario['mesh']): LoadedManifests => {
    const loaded = loadManifests(sources, withoutFiles(fileSystem, scenario.sources));
    files.push(...loaded.files);
    report.diagnostics.push(...loaded.diagnostics);
    return loaded;
  };
  const manifests = load(scenario.mesh);
  const applied = new Map<TimelineStep, LoadedManifests>();
  for (const step of scenario.timeline)
    if (step.action.kind === 'apply') applied.set(step, load(step.action.entries));
    else if (step.action.kind === 'delete') {
      const named = step.action.what.filter(({ value }) => isManifestFile(value));
      const folder = folderOf(scenario.file);
      const paths = named.map(({ value, at }) => ({ path: pathFrom(folder, value), at }));
      applied.set(step, load(paths.map((it) => ({ kind: 'path', ...it }) as const)));
    }
  if (scenario.istioVersion !== undefined && !isIstioVersion(scenario.istioVersion))
    report.error(
      'MS0202',
      undefined,
      `"${scenario.istioVersion}" is no Istio version`,
      'write 1.24',
    );
  const given = givenMesh(
    manifests.resources,
    {
      meshConfig: scenario.meshConfig?.document,
      istioVersion: scenario.istioVersion,
      epoch: scenario.epoch,
    },
    report.diagnostics,
  );
  // Without a mesh every name would be unknown, too: that is only noise.
  if (manifests.resources.length === 0 && report.hasErrors)
    return { experiment: undefined, files, diagnostics: report.diagnostics };
  const experiment = check(scenario, given, applied, report, options);
  return {
    experiment: report.hasErrors ? undefined : experiment,
    files,
    diagnostics: report.diagnostics,
  };
}

function check(
  scenario: Scenario,
  given: GivenMesh,
  applied: Experiment['applied'],
  report: Report,
  options: PrepareOptions,
): Experiment {
  const everything = [...applied].flatMap(([{ action }, { resources }]) =>
    action.kind === 'apply' ? resources : [],
  );
  const base = {
    injection: scenario.injection,
    replicas: new Map(),
    gone: new Set<string>(),
  };
  const view = clusterView(given.store.with(everything), { ...base, withoutSidecar: new Set() });
  const keys = [...view.workloads.keys()];
  const workloadKeys = resolveWorkloads(scenario, keys, report);
  const dns = new ClusterDns(view);
  const clientWorkloads = checkClients({ scenario, view, dns, report });
  checkCalls({ scenario, view, dns, workloadKeys, report });
  checkTimeline(scenario, view, report);
  checkPods(scenario, view, report);
  sayNotModelled(given.notModelled, report, options.isStrict ?? false);
  return {
    scenario,
    given,
    applied,
    expectations: compileExpectations(scenario, report),
    workloadKeys,
    clientWorkloads,
    withoutSidecar: withoutSidecar(scenario, workloadKeys, keys),
    notes: notesOf(scenario, view),
    notModelled: given.notModelled,
  };
}

function resolveWorkloads(
  scenario: Scenario,
  keys: readonly string[],
  report: Report,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, { keyAt }] of scenario.workloads) {
    if (name === '*') continue;
    const workload = findWorkload(name, keys);
    if ('key' in workload) found.set(name, workload.key);
    else report.error('MS0250', keyAt, workload.problem, workload.hint);
  }
  return found;
}

function withoutSidecar(
  scenario: Scenario,
  workloadKeys: ReadonlyMap<string, string>,
  keys: readonly string[],
): ReadonlySet<string> {
  const without = new Set<string>();
  if (scenario.workloads.get('*')?.value.hasSidecar === false)
    for (const key of keys) without.add(key);
  for (const [name, key] of workloadKeys) {
    const wish = scenario.workloads.get(name)?.value.hasSidecar;
    if (wish === false) without.add(key);
    else if (wish === true) without.delete(key);
  }
  return without;
}

function compileExpectations(scenario: Scenario, report: Report): readonly CompiledExpectation[] {
  const times = { warmupNs: scenario.warmupNs, durationNs: scenario.durationNs };
  return scenario.expectations.flatMap((text) => {
    const { during, name, isAborting, mayBeEmpty } = text;
    const that = { text: text.that.value, at: text.that.at };
    const is = { text: text.is.value, at: text.is.at };
    const compiled = compileExpectation({ that, is, during, name, isAborting, mayBeEmpty }, times);
    if ('expectation' in compiled) return [compiled.expectation];
    report.diagnostics.push(...compiled.diagnostics);
    return [];
  });
}

function sayNotModelled(found: readonly NotModelled[], report: Report, isStrict: boolean): void {
  for (const { kind, objects } of found) {
    const message = `${kind} is not simulated: ${objects.join(', ')}`;
    const hint = 'outcomes may differ from those of the cluster';
    if (isStrict) report.error('MS0255', undefined, message, hint);
    else report.warning('MS0255', undefined, message, hint);
  }
}

/** What was assumed about the mesh. */
function notesOf(scenario: Scenario, view: ClusterView): readonly string[] {
  const notes: string[] = [];
  for (const { name, namespace } of view.impliedGateways)
    notes.push(`gateway ${namespace}/${name} is implied: no workload matches its selector`);
  const bare = [...view.workloads]
    .filter(([, { pods }]) => pods.some((pod) => pod.proxy === 'none'))
    .map(([key]) => key);
  const rule =
    scenario.injection === 'labels' ? 'where labels ask for one' : 'everywhere it is not forbidden';
  notes.push(
    `sidecars: ${rule}; ${bare.length === 0 ? 'every workload has one' : `none in ${bare.join(', ')}`}`,
  );
  for (const { metadata, spec } of view.store.of('HorizontalPodAutoscaler')) {
    for (const metric of unknownMetrics(spec))
      notes.push(
        `autoscaler ${metadata.namespace}/${metadata.name}: metric "${metric}" is not simulated`,
      );
  }
  return notes;
}

/** The scenario's own files are no manifests, even if they lie among them. */
function withoutFiles(
  fileSystem: ScenarioFileSystem,
  files: readonly string[],
): ScenarioFileSystem {
  const own = files.map((file) => pathFrom('.', file));
  return {
    readFile: (path) => fileSystem.readFile(path),
    listFiles: (path) =>
      fileSystem.listFiles(path)?.filter((found) => !own.includes(pathFrom('.', found))),
  };
}
