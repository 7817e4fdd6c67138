import type { Project } from '../engine/protocol.ts';
import { run } from './engine.ts';
import { page } from './page-state.ts';

/** Opens a project and runs it. */
export function openProject(
  project: Project,
  options: { readonly example?: string; readonly seed?: number | undefined } = {},
): void {
  page.set({
    project,
    opened: project,
    example: options.example ?? '',
    seed: options.seed,
    file: manifestFirst(project),
    view: undefined,
    former: undefined,
    isComparing: false,
    selection: {},
    openRequest: '',
    dialog: undefined,
    findings: [],
    isPlaying: false,
    cursorNs: 0,
    spans: new Map(),
  });
  run();
}

/** The rules that are tried out are read first; else the scenario. */
function manifestFirst({ scenario, files }: Project): string {
  const istio = Object.keys(files).find(
    (path) => path !== scenario && /kind: (VirtualService|DestinationRule)/.test(files[path]!),
  );
  return istio ?? scenario;
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
  if (scenario !== undefined) openProject({ scenario, files });
  else
    openProject({
      scenario: 'scenario.yaml',
      files: { 'scenario.yaml': scenarioFor(paths, files), ...files },
    });
}

/** A client for the first service, from the first workload: something to start from. */
function scenarioFor(paths: readonly string[], files: Readonly<Record<string, string>>): string {
  const all = paths.map((path) => files[path]).join('\n---\n');
  const named = (kind: string) =>
    new RegExp(`kind: ${kind}\\s[\\s\\S]*?name:\\s*([\\w.-]+)`).exec(all)?.[1];
  return [
    'title: Your YAML',
    'duration: 60s',
    `mesh: [${paths.join(', ')}]`,
    'clients:',
    `  client: { from: ${named('Deployment') ?? 'WORKLOAD'}, request: GET http://${named('Service') ?? 'SERVICE'}/, load: { rate: 20/s } }`,
    'expect:',
    '  - { name: success rate, that: \'requests{response_code="200"} / requests\', is: ">= 99%" }',
    '',
  ].join('\n');
}
