import { render } from 'preact';
import { runViewOfJson } from '#report/run-view-json.ts';
import './style/tokens.css';
import './style/page.css';
import './style/panels.css';
import './style/states.css';
import { engineWorker } from './engine/start-worker.ts';
import { Page } from './page.tsx';
import { bundledScenario, defaultScenario } from './share/bundled-scenarios.ts';
import { sharedStateOf } from './share/link.ts';
import { localProject, watchLocalProject } from './share/local-project.ts';
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
  applyTheme();
  render(<Page />, root);
  startEngine(engineWorker());
  rememberChanges();
  void open(query);
  addEventListener('hashchange', () => void open(query));
}

/** What the address asks for; else what lies on the disk, or the default. */
async function open(query: URLSearchParams): Promise<void> {
  if (openReport()) return;
  try {
    const shared = await sharedStateOf(location.hash);
    if (shared !== undefined) {
      openProject(shared.project, { seed: shared.seed });
      if (shared.file !== undefined) page.set({ file: shared.file });
      return;
    }
  } catch (error) {
    page.set({ status: 'broken', message: error instanceof Error ? error.message : String(error) });
    return;
  }
  const local = await localProject();
  if (local !== undefined) {
    openProject(local);
    watchLocalProject();
    return;
  }
  const wanted = query.get('example');
  const scenario = wanted === null ? defaultScenario() : bundledScenario(wanted);
  if (scenario !== undefined) openProject(scenario.project, { example: scenario.name });
  else page.set({ dialog: 'gallery', message: `There is no scenario ${wanted}.` });
}

/** A report has its run inside: it is shown before anything runs again. */
function openReport(): boolean {
  const text = document.getElementById('meshsim-report')?.textContent?.trim() ?? '';
  if (!text.startsWith('{')) return false;
  const content: { readonly project: typeof page.state.project; readonly view: unknown } =
    JSON.parse(text);
  openProject(content.project);
  page.set({ view: runViewOfJson(JSON.stringify(content.view)) });
  return true;
}
