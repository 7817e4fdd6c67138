import { render } from 'preact';
import { runViewOfJson } from '#report/run-view-json.ts';
import './style/tokens.css';
import './style/page.css';
import './style/bar.css';
import './style/verdict.css';
import './style/panels.css';
import './style/editor.css';
import './style/graph.css';
import './style/charts.css';
import './style/requests.css';
import './style/states.css';
import { engineWorker } from './engine/start-worker.ts';
import { Page } from './page.tsx';
import { bundledScenario, defaultScenario } from './share/bundled-scenarios.ts';
import { isLink, sharedIn } from './share/link.ts';
import { localProject, watchLocalProject } from './share/local-project.ts';
import { checkedOpening } from './share/opening-check.ts';
import { draftHere, keepDraft } from './state/draft.ts';
import { startEngine } from './state/engine.ts';
import { openProject } from './state/opening.ts';
import { page } from './state/page-state.ts';
import { rememberChanges, remembered } from './state/remembering.ts';
import { applyTheme } from './state/theme.ts';

const root = document.getElementById('page');
if (root !== null) {
  page.set(remembered());
  const query = new URLSearchParams(location.search);
  if (query.get('embed') === '1') page.set({ isEmbedded: true });
  startEngine(engineWorker());
  applyTheme();
  render(<Page />, root);
  rememberChanges();
  void open(query).then(keepDraft);
  addEventListener('hashchange', () => {
    if (isLink(location.hash)) void open(query);
  });
}

/** What the address asks for; else what lies on the disk, or the default; as it was before a reload. */
async function open(query: URLSearchParams): Promise<void> {
  if (openReport()) return;
  try {
    await openWanted(query);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    page.set({ status: 'broken', message, view: undefined, ranProject: undefined });
    return;
  }
}

async function openWanted(query: URLSearchParams): Promise<void> {
  const draft = page.state.isEmbedded ? undefined : draftHere();
  const shared = await sharedIn(location.hash);
  const local = shared === undefined ? await localProject() : undefined;
  if (local !== undefined) watchLocalProject();
  // What was edited of a file does not come back over a file that has changed since.
  const { opened = draft?.project } = draft?.opening ?? {};
  const isCurrent = local === undefined || JSON.stringify(opened) === JSON.stringify(local);
  if (draft !== undefined && isCurrent) openProject(draft.project, draft.opening);
  else if (shared !== undefined) openProject(shared.project, shared.opening);
  else if (local !== undefined) openProject(local, { isLocal: true });
  else openExample(query.get('example'));
}

function openExample(wanted: string | null): void {
  const scenario = wanted === null ? defaultScenario() : bundledScenario(wanted);
  if (scenario !== undefined) openProject(scenario.project, { example: scenario.name });
  else page.set({ dialog: 'gallery', message: `There is no scenario ${wanted}.` });
}

/** A report has its run inside: it is shown before anything runs again. */
function openReport(): boolean {
  const text = document.getElementById('meshsim-report')?.textContent?.trim() ?? '';
  if (!text.startsWith('{')) return false;
  const content: { readonly view: unknown } = JSON.parse(text);
  const report = checkedOpening(content);
  if (report === undefined) return false;
  openProject(report.project, report.opening);
  page.set({ view: runViewOfJson(JSON.stringify(content.view)) });
  return true;
}
