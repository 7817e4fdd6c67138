import type { Experiment } from '#scenario/experiment.ts';
import { FinishedRuns, keyOfRun } from './finished-runs.ts';
import { packedView } from './packed-view.ts';
import { complete, loadAll, withParts } from './part.ts';
import { prepare } from './prepare.ts';
import type { ComparedRun, EngineAnswer, EngineRequest } from './protocol.ts';
import { type Job, RunJob, TraceJob } from './run-job.ts';

/** The engine's side of the protocol: one job at a time; a newer run takes the place of an older. */

const VIEW_EVERY_MS = 200;

interface WorkerScope {
  onmessage: ((event: MessageEvent<EngineRequest>) => void) | null;
  postMessage(message: EngineAnswer, transfer: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope; // The page's library has no type of a worker's.

let currentId = -1;
const finished = new FinishedRuns();
/** On its way from the start; views need parts that running does not, such as places in files. */
let isLoaded = false;
const everything = loadAll().then(() => {
  isLoaded = true;
});
everything.catch(() => {}); // Whoever waits for it says so.

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case 'run':
      currentId = data.id;
      attempt(data.id, () => start(data));
      return;
    case 'cancel':
      if (data.id === currentId) currentId = -1;
      return;
    case 'analyze':
      attempt(data.id, () => analyze(data));
      return;
    case 'compare':
      attempt(data.id, () => compare(data));
      return;
    case 'guess':
      attempt(data.id, () => guess(data));
  }
};

async function analyze(request: Extract<EngineRequest, { kind: 'analyze' }>): Promise<void> {
  const { findingsOf } = await import('./findings.ts');
  const { projectNames } = await import('./project-names.ts');
  const { runValuesOf } = await import('./run-values.ts');
  await withParts(() => {
    const findings = complete(() => findingsOf(request.project, request.parameters));
    const values = complete(() => runValuesOf(request.project));
    const names = complete(() => projectNames(request.project));
    answer({ kind: 'findings', id: request.id, findings, values, names });
  });
}

async function guess({ id, project }: Extract<EngineRequest, { kind: 'guess' }>): Promise<void> {
  const { guessedScenario } = await import('./guessed.ts');
  await withParts(() => {
    answer({ kind: 'guessed', id, text: complete(() => guessedScenario(project)) });
  });
}

async function start(request: Extract<EngineRequest, { kind: 'run' }>): Promise<void> {
  const { id, project, parameters, seed } = request;
  const startMs = performance.now();
  await withParts(async () => {
    const { experiment, findings } = complete(() => prepare(project, { parameters, seed }));
    if (experiment === undefined) {
      answer({ kind: 'invalid', id, findings });
      return;
    }
    const own = { project, parameters, seed: experiment.scenario.seed };
    await run(id, experiment, { startMs, key: keyOfRun(own) });
  });
}

/** Runs to the end while views stream; then again, for what happened inside the sampled requests. */
async function run(
  id: number,
  experiment: Experiment,
  { startMs, key }: { readonly startMs: number; readonly key: string },
): Promise<void> {
  const job = new RunJob(experiment);
  let shownMs = startMs;
  let pauseMs = VIEW_EVERY_MS;
  const show = () => {
    const startedMs = performance.now();
    const pace = { tookMs: startedMs - startMs, eventCount: job.run.dispatcher.eventCount };
    const { view, buffer } = packedView(complete(() => job.view()));
    answer({ kind: 'view', id, view, pace }, [buffer]);
    shownMs = performance.now();
    // A view takes its time: a tenth of it at most is not the run's.
    pauseMs = Math.max(VIEW_EVERY_MS, 9 * (shownMs - startedMs));
    return view;
  };
  await inSlices(id, job, () => {
    if (isLoaded && performance.now() - shownMs > pauseMs) show();
  });
  await everything;
  if (id !== currentId) return;
  const view = show();
  finished.keep(
    key,
    complete(() => job.logged()),
  );
  const tracing = new TraceJob(experiment, view);
  await inSlices(id, tracing, () => {});
  if (id === currentId) answer({ kind: 'spans', id, spans: tracing.spans });
}

async function compare({ id, a, b }: Extract<EngineRequest, { kind: 'compare' }>): Promise<void> {
  const runId = currentId;
  const ofA = await finishedRun(a, runId);
  const ofB = await finishedRun(b, runId);
  if (ofA === undefined || ofB === undefined) return;
  const { compared } = await import('./compared.ts');
  answer({ kind: 'compared', id, comparison: complete(() => compared(ofA, ofB)) });
}

/** A run that is over: kept, or made again. Undefined if another run has begun meanwhile. */
async function finishedRun(wanted: ComparedRun, runId: number) {
  const key = keyOfRun(wanted);
  const kept = finished.get(key);
  if (kept !== undefined) return kept;
  const { project, parameters, seed } = wanted;
  const { experiment } = complete(() => prepare(project, { parameters, seed }));
  if (experiment === undefined) return undefined;
  const job = new RunJob(experiment);
  await inSlices(runId, job, () => {});
  if (runId !== currentId) return undefined;
  const logged = complete(() => job.logged());
  finished.keep(key, logged);
  return logged;
}

/** Between two slices messages come in: that is how a run is cancelled. */
async function inSlices(id: number, job: Job, onSlice: () => void): Promise<void> {
  const channel = new MessageChannel();
  const pause = () =>
    new Promise<void>((resolve) => {
      channel.port1.onmessage = () => resolve();
      channel.port2.postMessage(undefined);
    });
  await pause();
  while (id === currentId && complete(() => job.advance())) {
    onSlice();
    await pause();
  }
  channel.port1.close();
}

function attempt(id: number, work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    answer({ kind: 'broken', id, message });
  });
}

function answer(message: EngineAnswer, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}
