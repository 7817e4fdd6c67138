import { loadMissed, wasMissed } from './lazy-re2js.ts';
import { findingsOf, prepare } from './prepare.ts';
import type { EngineAnswer, EngineRequest } from './protocol.ts';
import { type Job, RunJob, TraceJob } from './run-job.ts';
import { transferablesOf } from './transferables.ts';

/** The engine's side of the protocol: one job at a time; a newer run takes the place of an older. */

const VIEW_EVERY_MS = 200;

interface WorkerScope {
  onmessage: ((event: MessageEvent<EngineRequest>) => void) | null;
  postMessage(message: EngineAnswer, transfer: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope; // The page's library has no type of a worker's.

let currentId = -1;

scope.onmessage = ({ data }) => {
  switch (data.kind) {
    case 'run':
      currentId = data.id;
      guarded(data.id, () => start(data));
      return;
    case 'cancel':
      if (data.id === currentId) currentId = -1;
      return;
    case 'analyze':
      guarded(data.id, () => analyze(data));
  }
};

function analyze(request: Extract<EngineRequest, { kind: 'analyze' }>): void {
  const findings = findingsOf(request.project);
  if (wasMissed()) void loadMissed().then(() => guarded(request.id, () => analyze(request)));
  else answer({ kind: 'findings', id: request.id, findings });
}

function start(request: Extract<EngineRequest, { kind: 'run' }>): void {
  const { id, project, seed } = request;
  const startMs = performance.now();
  const { experiment, findings } = prepare(project, seed);
  if (wasMissed()) {
    startAgain(request);
    return;
  }
  if (experiment === undefined) {
    answer({ kind: 'invalid', id, findings });
    return;
  }
  const job = new RunJob(experiment);
  let shownMs = startMs;
  const show = () => {
    shownMs = performance.now();
    const pace = { tookMs: shownMs - startMs, eventCount: job.run.dispatcher.eventCount };
    const view = job.view();
    answer({ kind: 'view', id, view, pace }, transferablesOf(view));
    return view;
  };
  inSlices(id, job, {
    onSlice: () => {
      if (performance.now() - shownMs > VIEW_EVERY_MS) show();
    },
    onEnd: () => {
      if (wasMissed()) {
        startAgain(request);
        return;
      }
      const view = show();
      const tracing = new TraceJob(experiment, view);
      const onEnd = () => answer({ kind: 'spans', id, spans: tracing.spans });
      inSlices(id, tracing, { onSlice: () => {}, onEnd });
    },
  });
}

/** A regular expression was met before they were loaded: what it led to does not count. */
function startAgain(request: Extract<EngineRequest, { kind: 'run' }>): void {
  void loadMissed().then(() => guarded(request.id, () => start(request)));
}

/** Between two slices messages come in: that is how a run is cancelled. */
function inSlices(
  id: number,
  job: Job,
  { onSlice, onEnd }: { readonly onSlice: () => void; readonly onEnd: () => void },
): void {
  const channel = new MessageChannel();
  channel.port1.onmessage = () =>
    guarded(id, () => {
      if (id !== currentId) return;
      if (!job.advance()) {
        channel.port1.close();
        onEnd();
        return;
      }
      onSlice();
      channel.port2.postMessage(undefined);
    });
  channel.port2.postMessage(undefined);
}

function guarded(id: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer({ kind: 'broken', id, message });
  }
}

function answer(message: EngineAnswer, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}
