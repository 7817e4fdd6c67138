import type { Diagnostic } from '#source/diagnostic.ts';
import type { SourceFile } from '#source/source-file.ts';
import type { NetworkTimes, ProxyTimes, PushTimes, Scenario } from '../scenario.ts';
import type { ClientSettings } from './client-keys.ts';
import type { ScenarioFileSystem } from './file-system.ts';
import { loadNs } from './load-keys.ts';
import type { MeshEntry } from './mesh-keys.ts';
import { parameterValues, withParameters } from './parameters.ts';
import { sortedOverrides, withPathOverrides } from './path-overrides.ts';
import { type ScenarioValues, scenarioShape } from './scenario-keys.ts';
import { childOf, writtenDocument } from './scenario-node.ts';
import { ScenarioSources } from './scenario-sources.ts';
import { type Named, Report } from './shape.ts';

export interface LoadOptions {
  /** From `--set NAME=VALUE`: a parameter, or the path of a value in the file. */
  readonly parameters?: ReadonlyMap<string, string>;
  /** From `--seed`; it wins over the file's. */
  readonly seed?: number | undefined;
  readonly mayLeaveFolder?: boolean;
}

export interface LoadedScenario {
  /** Undefined when the file cannot be used. */
  readonly scenario: Scenario | undefined;
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a scenario file with all it extends. Never throws: whatever is wrong becomes a diagnostic. */
export function loadScenario(
  path: string,
  fileSystem: ScenarioFileSystem,
  options: LoadOptions = {},
): LoadedScenario {
  const sources = new ScenarioSources(path, fileSystem, options.mayLeaveFolder ?? false);
  const report = new Report((named, at, to) => sources.text(named, at, to));
  const tree = sources.tree(path, report);
  const result = (scenario: Scenario | undefined): LoadedScenario => ({
    scenario: report.hasErrors ? undefined : scenario,
    files: sources.files,
    diagnostics: report.diagnostics,
  });
  if (tree === undefined) return result(undefined);
  const { parameters, paths } = sortedOverrides(tree, options.parameters ?? new Map());
  const changed = withPathOverrides(tree, paths, report);
  const values = parameterValues(childOf(changed, 'params'), parameters, report);
  const read = scenarioShape.read(withParameters(changed, values, report), report);
  return result(read && scenarioOf(path, read, sources, options, report));
}

function scenarioOf(
  path: string,
  values: ScenarioValues,
  sources: ScenarioSources,
  options: LoadOptions,
  report: Report,
): Scenario {
  const clients = values.clients ?? new Map<string, Named<ClientSettings>>();
  const durationNs = values.duration ?? stagesNs(clients) ?? 60e9;
  const warmupNs = values.warmup ?? 0;
  if (warmupNs >= durationNs)
    report.error(
      'MS0205',
      childOf(values.node, 'warmup')?.at,
      'the warm-up leaves nothing of the run',
    );
  if (clients.size === 0) {
    const hint =
      'write clients: { NAME: { from: WORKLOAD, request: GET http://HOST/, load: { rate: 10/s } } }';
    if (!values.node.entries.has('clients'))
      report.error('MS0203', values.node.at, 'a scenario needs the key "clients"', hint);
  }
  const meshConfig = values.meshConfig;
  return {
    file: path,
    sources: sources.files.map(({ name }) => name),
    title: values.title ?? '',
    description: values.description ?? '',
    seed: options.seed ?? values.seed ?? 1,
    durationNs,
    warmupNs,
    mesh: located(values.mesh ?? [], sources, report),
    workloads: values.workloads ?? new Map(),
    clients,
    external: values.external ?? new Map(),
    timeline: (values.timeline ?? []).map((step) =>
      step.action.kind === 'apply'
        ? {
            ...step,
            action: { ...step.action, entries: located(step.action.entries, sources, report) },
          }
        : step,
    ),
    expectations: (values.expect ?? []).flatMap((one) => (one === undefined ? [] : [one])),
    proxy: proxyTimes(values),
    network: networkTimes(values),
    push: pushTimes(values),
    injection: values.injection ?? 'all',
    allowUnknown: values.allowUnknown ?? false,
    readinessDelayNs: values.readinessDelay ?? 1e9,
    istioVersion: values.istioVersion,
    meshConfig: meshConfig && { document: writtenDocument(meshConfig), at: meshConfig.at },
    epoch: values.epoch ?? '1970-01-01T00:00:00Z',
  };
}

/** Entries with their paths seen from the working folder. */
function located(
  entries: readonly MeshEntry[],
  sources: ScenarioSources,
  report: Report,
): readonly MeshEntry[] {
  return entries.flatMap((entry): readonly MeshEntry[] => {
    if (entry.kind === 'inline') return [entry];
    const path = sources.resolve(entry.path, entry.at, report);
    return path === undefined ? [] : [{ ...entry, path }];
  });
}

/** The longest sum of stages that a client has. */
function stagesNs(clients: ReadonlyMap<string, Named<ClientSettings>>): number | undefined {
  let longestNs: number | undefined;
  for (const { value } of clients.values()) {
    const ns = loadNs(value.load);
    if (ns !== undefined && ns > (longestNs ?? 0)) longestNs = ns;
  }
  return longestNs;
}

function proxyTimes({ proxy }: ScenarioValues): ProxyTimes {
  const latencyNs = proxy?.latency ?? 250_000;
  return {
    requestNs: proxy?.request ?? latencyNs,
    responseNs: proxy?.response ?? latencyNs,
    workerCount: proxy?.concurrency,
  };
}

function networkTimes({ network }: ScenarioValues): NetworkTimes {
  const latencyNs = network?.latency ?? 250_000;
  // A network without latency has none anywhere, unless it says so.
  const isOff = network?.latency === 0;
  return {
    requestNs: network?.request ?? latencyNs,
    responseNs: network?.response ?? latencyNs,
    zonesNs: network?.zones ?? (isOff ? 0 : 1e6),
    regionsNs: network?.regions ?? (isOff ? 0 : 30e6),
    outsideNs: network?.outside ?? (isOff ? 0 : 20e6),
    jitterNs: network?.jitter ?? 0,
    lossShare: network?.loss ?? 0,
    resetShare: network?.reset ?? 0,
  };
}

function pushTimes({ push }: ScenarioValues): PushTimes {
  if (push?.delay === 0) return { debounceNs: 0, maxDebounceNs: 0, p50Ns: 0, p99Ns: 0 };
  const p50Ns = push?.delay ?? 50e6;
  return {
    debounceNs: push?.debounce ?? 100e6,
    maxDebounceNs: 10e9,
    p50Ns,
    p99Ns: push?.p99 ?? p50Ns * 10,
  };
}
