import type { Parameters, Project } from '../engine/protocol.ts';
import { edit, guessScenario, run } from './engine.ts';
import { page } from './page-state.ts';
import { type Standpoint, takeStandpoint } from './standpoint.ts';
import { takeTurns } from './turns.tsx';

export interface Opening {
  /** Name of the bundled scenario that it is. */
  readonly example?: string;
  /** As the files were before somebody edited them. */
  readonly opened?: Project;
  readonly isLocal?: boolean;
  readonly seed?: number | undefined;
  readonly parameters?: Parameters;
  /** What it is compared with: that is run first. */
  readonly former?: Project | undefined;
  readonly at?: Partial<Standpoint>;
}

/** Opens a project and runs it. */
export function openProject(project: Project, opening: Opening = {}): void {
  const { example = '', opened = project, isLocal = false, parameters = {} } = opening;
  const { seed, former, at } = opening;
  const shown = takeStandpoint(at ?? {});
  // All that was shown of another run goes: that, too, takes long.
  takeTurns(page.state.view !== undefined);
  page.set({
    project: former ?? project,
    opened,
    openings: page.state.openings + 1,
    isLocal,
    example,
    seed,
    parameters,
    view: undefined,
    ranProject: undefined,
    former: undefined,
    isComparing: false,
    selection: {},
    openRequest: '',
    dialog: undefined,
    findings: [],
    knobs: undefined,
    names: undefined,
    isPlaying: false,
    cursorNs: 0,
    spans: new Map(),
    ...shown,
    file: fileOf(project, at?.file),
  });
  run(false, { keepsPlace: at !== undefined });
  if (former !== undefined) afterRun(() => edit(project, true));
}

function fileOf(project: Project, wanted: string | undefined): string {
  return wanted !== undefined && wanted in project.files ? wanted : manifestFirst(project);
}

function afterRun(then: () => void): void {
  const { ranProject } = page.state;
  const stop = page.subscribe(() => {
    const { status, view, ranProject: runs } = page.state;
    const isOurs = runs === ranProject;
    if (isOurs && (status === 'running' || view?.isOver !== true)) return;
    stop();
    if (isOurs && status === 'finished') queueMicrotask(then);
  });
}

/** The rules that are tried out are read first: weights before others; else the scenario. */
function manifestFirst(project: Project): string {
  const rules = filesInOrder(project).filter((path) =>
    /kind: (VirtualService|DestinationRule)/.test(project.files[path]!),
  );
  return rules.find((path) => /weight:/.test(project.files[path]!)) ?? rules[0] ?? project.scenario;
}

/** The scenario, then its files as it names them, then what lies beside. */
export function filesInOrder({ scenario, files }: Project): readonly string[] {
  const text = files[scenario] ?? '';
  const place = (path: string) => {
    const at = text.indexOf(path);
    return at < 0 ? text.length : at;
  };
  const others = Object.keys(files).filter((path) => path !== scenario && /\.ya?ml$/.test(path));
  return [scenario, ...others.sort((a, b) => place(a) - place(b))];
}

/** Files that were dropped or chosen; a scenario is made up if there is none. */
export async function openFiles(list: Iterable<File>): Promise<void> {
  const files: Record<string, string> = {};
  for (const file of list) {
    const path = file.webkitRelativePath.replace(/^[^/]+\//, '') || file.name;
    if (/\.(ya?ml|json|csv)$/.test(path)) files[path] = await file.text();
  }
  const paths = Object.keys(files);
  if (paths.length === 0) return;
  const scenario = paths.find((path) => /^clients:/m.test(files[path]!));
  if (scenario !== undefined) {
    openProject({ scenario, files });
    return;
  }
  try {
    const text = await guessScenario({ scenario: GUESSED, files });
    openProject({ scenario: GUESSED, files: { ...files, [GUESSED]: text } });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    page.set({ status: 'broken', message: `no scenario can be made of these files: ${message}` });
  }
}

/** What a scenario is called that was made up for manifests. */
const GUESSED = 'scenario.yaml';
