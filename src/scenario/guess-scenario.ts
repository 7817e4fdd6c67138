import { inspectMesh } from '#mesh/proxy-inspection.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import { prepareExperiment } from './experiment.ts';
import type { ScenarioFileSystem } from './file/file-system.ts';
import { loadScenario } from './file/load-scenario.ts';
import { callsOfEnvironment } from './guess-calls.ts';
import { type GuessedClient, guessClients, OWN_CALLER } from './guess-clients.ts';
import { guessWorkloads } from './guess-workloads.ts';
import { guessedScenarioText, type LeftOut } from './guessed-scenario-text.ts';
import { measuredFacts } from './measured/measured-facts.ts';
import { type Measurements, NO_MEASUREMENTS } from './measured/measurements.ts';

export interface GuessedScenario {
  readonly text: string;
  readonly clients: readonly GuessedClient[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * A scenario for a folder of manifests, to be written to `path` inside it: a client for every host,
 * workloads with assumed latencies, or with what was measured. What the reader would refuse is left out,
 * so that it runs at once.
 */
export function guessScenario(
  folder: string,
  path: string,
  fileSystem: ScenarioFileSystem,
  measurements: Measurements = NO_MEASUREMENTS,
): GuessedScenario {
  const leftOut: LeftOut[] = [];
  const all = (fileSystem.listFiles(folder) ?? [])
    .filter((file) => /\.(ya?ml|json)$/.test(file) && file !== path)
    .sort();
  const files = usableFiles(all, fileSystem, leftOut);
  const { mesh } = inspectMesh(files.map(sourceOf), fileSystem, undefined);
  const { view } = mesh;
  const measured = measuredFacts(view, measurements);
  leftOut.push(...measured.leftOut);
  const { workloads, dropped } = guessWorkloads(view, callsOfEnvironment(view), measured);
  for (const [workload, { request }] of dropped)
    leftOut.push({ what: `${request} from ${workload}`, why: 'it would close a circle of calls' });
  let clients = guessClients(view, measured.clients);
  for (;;) {
    const text = guessedScenarioText({
      title: folder === '.' ? 'these manifests' : (folder.split('/').at(-1) ?? folder),
      mesh: files.length === all.length ? ['.'] : files.map((file) => relative(folder, file)),
      ownsCaller: clients.some(({ origin }) => origin.workload === OWN_CALLER),
      workloads,
      impliedGateways: view.impliedGateways.map(({ name }) => name),
      clients,
      leftOut,
    });
    const refused = refusedClient(path, text, clients, fileSystem);
    if (refused === undefined) return { text, clients, leftOut };
    leftOut.push({ what: `client ${refused.client.name}`, why: refused.why });
    clients = clients.filter((client) => client !== refused.client);
  }
}

/** Files of which nothing is refused; a refusal may be about another file, so until nothing is. */
function usableFiles(
  all: readonly string[],
  fileSystem: ScenarioFileSystem,
  leftOut: LeftOut[],
): readonly string[] {
  let files = all;
  for (;;) {
    const { diagnostics } = inspectMesh(files.map(sourceOf), fileSystem, undefined);
    const wrong = new Map<string, Diagnostic>();
    for (const found of diagnostics) {
      const file = found.severity === 'error' ? found.at?.file : undefined;
      if (file !== undefined && files.includes(file) && !wrong.has(file)) wrong.set(file, found);
    }
    if (wrong.size === 0) return files;
    for (const [file, { code, message }] of wrong)
      leftOut.push({ what: file, why: `${code}: ${message}` });
    files = files.filter((file) => !wrong.has(file));
  }
}

/** The first client that the reader of scenarios does not take; undefined when all is well. */
function refusedClient(
  path: string,
  text: string,
  clients: readonly GuessedClient[],
  fileSystem: ScenarioFileSystem,
): { readonly client: GuessedClient; readonly why: string } | undefined {
  const files: ScenarioFileSystem = {
    readFile: (wanted) => (wanted === path ? { text } : fileSystem.readFile(wanted)),
    listFiles: (wanted) => fileSystem.listFiles(wanted),
  };
  const { scenario, diagnostics } = loadScenario(path, files);
  const found =
    scenario === undefined ? diagnostics : prepareExperiment(scenario, files).diagnostics;
  const error = found.find(({ severity }) => severity === 'error');
  if (error === undefined || clients.length <= 1) return undefined;
  const lines = text.split('\n').slice(0, error.at?.file === path ? error.at.line : 0);
  const started = clients.findLast(({ name }) => lines.includes(`  ${name}:`));
  return { client: started ?? clients[0]!, why: error.message };
}

function sourceOf(path: string) {
  const at = { file: path, line: 1, column: 1, length: 1 };
  return { kind: 'path', path, at } as const;
}

function relative(folder: string, file: string): string {
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
}
