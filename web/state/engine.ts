import type { ViewPlace } from '#report/run-view.ts';
import { changesOf, type Knobs } from '../editor/knobs.ts';
import { replaceValues } from '../editor/replace-values.ts';
import { EngineClient } from '../engine/client.ts';
import type { ComparedRun, EngineAnswer, Project } from '../engine/protocol.ts';
import { requestKey } from '../engine/protocol.ts';
import type { RunValue } from '../engine/run-values.ts';
import { isFailure, worstMomentNs } from './flow-sums.ts';
import { page } from './page-state.ts';
import { paired } from './paired.ts';
import { takeTurns } from './turns.tsx';

/** Runs and checks what is in the editor, and takes in what the engine answers. */

let client: EngineClient | undefined;
let shouldPlaceCursor = true;
/** Waterfalls are those of the run that is shown: they stay while nothing of the next has come. */
let areSpansOld = false;
/** The file that was open when the run began. */
let fileAtStart = '';

export function startEngine(worker: Worker): void {
  client = new EngineClient(worker, takeAnswer);
}

/**
 * Runs the project as it is. The run before it becomes A if `keepsFormer`; cursor and selection go to the
 * worst of it, unless they were put somewhere before it began.
 */
export function run(keepsFormer = false, { keepsPlace = false } = {}): void {
  const { project, parameters, seed, view, ranProject, former, status } = page.state;
  const isFinished = view?.isOver === true && ranProject !== undefined;
  // A drag makes many runs: A stays what it was before the first of them.
  const kept = keepsFormer
    ? (former ?? (isFinished && status !== 'invalid' ? { view, project: ranProject } : undefined))
    : former;
  shouldPlaceCursor = !keepsPlace && (!keepsFormer || view === undefined);
  fileAtStart = page.state.file;
  areSpansOld = true;
  page.set({
    status: 'running',
    message: '',
    former: kept,
    isComparing: kept !== undefined,
    ranProject: project,
  });
  client?.run(project, parameters, seed);
  analyzeSoon(AFTER_RUN_MS);
}

/** Asks for two finished runs request by request. */
export function comparePaired(a: ComparedRun, b: ComparedRun): void {
  client?.compare(a, b);
}

/** The text of the project's scenario, made up from its manifests. */
export async function guessScenario(project: Project): Promise<string> {
  if (client === undefined) throw new Error('the engine is not started');
  return client.guess(project);
}

export function cancel(): void {
  client?.cancel();
  page.set({ status: 'cancelled' });
}

/** The answer to the latest question is about this. */
let analysed: Project | undefined;
let analysisTimer: ReturnType<typeof setTimeout> | undefined;

/** An edit: findings follow as one types; a run follows when a value was dragged. */
export function edit(project: Project, thenRun: boolean): void {
  page.set({ project });
  if (thenRun) {
    run(true);
    return;
  }
  analyzeSoon();
}

const AFTER_EDIT_MS = 200;
/** A run that was just asked for goes first: findings follow it, or come meanwhile if it takes long. */
const AFTER_RUN_MS = 1500;

function analyzeSoon(delayMs = AFTER_EDIT_MS): void {
  clearTimeout(analysisTimer);
  analysisTimer = setTimeout(() => {
    const { project, parameters } = page.state;
    analysed = project;
    client?.analyze(project, parameters);
  }, delayMs);
}

/** A value is dragged: what follows from it is written, and all of it runs. */
export function turnKnob(knob: RunValue, value: number, { values, project: read }: Knobs): void {
  edit(replaceValues(page.state.project, changesOf(values, knob, value), read), true);
}

export function goToPlace(at: ViewPlace | undefined): void {
  if (at === undefined) return;
  page.set({ file: at.file, goTo: { ...at }, phoneTab: 'editor', isEditorOpen: true });
}

function takeAnswer(answer: EngineAnswer): void {
  switch (answer.kind) {
    case 'view':
      takeView(answer);
      return;
    case 'spans':
      page.set({ spans: answer.spans });
      return;
    case 'findings':
      page.set({
        findings: answer.findings,
        names: answer.names,
        ...(analysed === undefined ? {} : { knobs: { values: answer.values, project: analysed } }),
      });
      return;
    case 'invalid':
      analyzeSoon(0);
      page.set({
        status: 'invalid',
        findings: answer.findings,
        // What is still shown is A itself.
        isComparing: page.state.isComparing && page.state.former?.view !== page.state.view,
      });
      return;
    case 'compared':
      paired.set({ comparison: answer.comparison });
      return;
    case 'broken':
      page.set({ status: 'broken', message: answer.message });
  }
}

/** A larger mesh is not drawn in one task. */
const MOST_NODES_AT_ONCE = 120;

function takeView({ view, pace }: Extract<EngineAnswer, { kind: 'view' }>): void {
  const windowNs = Math.max(
    view.bucketNs,
    Math.round(view.durationNs / 12 / view.bucketNs) * view.bucketNs,
  );
  takeTurns(view.nodes.length > MOST_NODES_AT_ONCE);
  if (areSpansOld) page.set({ spans: new Map() });
  areSpansOld = false;
  if (!view.isOver) {
    const cursorNs = shouldPlaceCursor ? view.frontNs : page.state.cursorNs;
    page.set({ view, pace, windowNs, cursorNs });
    return;
  }
  analyzeSoon(0);
  const failing = view.requests.find(
    (request) => isFailure(request) && request.flags === (view.causes[0]?.flags ?? request.flags),
  );
  const cursorNs = shouldPlaceCursor
    ? (worstMomentNs(view, windowNs) ?? view.durationNs)
    : Math.min(page.state.cursorNs, view.durationNs);
  const slowest = view.requests.reduce<(typeof view.requests)[number] | undefined>(
    (best, request) =>
      best === undefined || request.endNs - request.intendedNs > best.endNs - best.intendedNs
        ? request
        : best,
    undefined,
  );
  const shown = failing ?? slowest;
  const worst = view.causes[0];
  const held = view.expectations.filter(({ status }) => status !== 'failed').length;
  const failed = view.expectations.length - held;
  page.set({
    view,
    pace,
    windowNs,
    cursorNs,
    status: 'finished',
    announcement: `run finished: ${held} held, ${failed} failed`,
    ...(shouldPlaceCursor
      ? {
          openRequest: shown === undefined ? '' : requestKey(shown),
          selection: worst === undefined ? {} : selectionOfCause(view, worst),
          file: fileToBlame(worst?.at),
        }
      : {}),
  });
}

/** The line that is to blame is seen at once, unless somebody has begun to read or write elsewhere. */
function fileToBlame(at: ViewPlace | undefined): string {
  const { file, project, ranProject } = page.state;
  const isThere = at !== undefined && at.file in project.files;
  const isUntouched = project === ranProject && file === fileAtStart && !isWriting();
  return isThere && isUntouched ? at.file : file;
}

function isWriting(): boolean {
  return document.activeElement?.closest('.cm-editor') instanceof Element;
}

/** The worst edge is selected from the start. */
function selectionOfCause(
  view: NonNullable<typeof page.state.view>,
  cause: { readonly from: string; readonly destination: string },
) {
  const [service = '', subset = ''] = cause.destination.split('|');
  const flow = view.flows.find(
    (it) =>
      it.client === '' &&
      view.edges[it.edge]?.from === cause.from &&
      view.edges[it.edge]?.service.endsWith(`/${service}`) &&
      (subset === '' || it.subset === subset),
  );
  const edge = flow === undefined ? undefined : view.edges[flow.edge];
  if (edge === undefined) return {};
  return { from: edge.from, to: edge.to === '' ? edge.service : edge.to };
}
