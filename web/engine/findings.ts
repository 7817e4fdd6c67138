import { analyzeAll } from '#config/analysis/analyze.ts';
import { loadResources } from '#config/loader.ts';
import { meshConfigOf } from '#config/mesh-config-read.ts';
import { storeOf } from '#config/resource-store.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import type { Scenario } from '#scenario/scenario.ts';
import { prepare } from './prepare.ts';
import { projectFiles } from './project-files.ts';
import type { Finding, Parameters, Project } from './protocol.ts';

/** Everything that is to be said of a project: what keeps it from running, and what analyzers find. */
export function findingsOf(project: Project, parameters: Parameters): readonly Finding[] {
  const files = projectFiles(project);
  const { findings } = prepare(project, { parameters });
  const { scenario } = loadScenario(project.scenario, files, {
    parameters: new Map(Object.entries(parameters)),
  });
  const said = scenario === undefined ? [] : analysisOf(scenario, files);
  const all = [...findings.filter(({ severity }) => severity !== 'info'), ...said];
  const keyOf = ({ at, message }: Finding) => `${at?.file}:${at?.line}:${at?.column} ${message}`;
  const once = new Map(all.map((finding) => [keyOf(finding), finding]));
  return [...once.values()].sort(
    (a, b) => RANK[a.severity] - RANK[b.severity] || (a.at?.line ?? 0) - (b.at?.line ?? 0),
  );
}

const RANK = { error: 0, warning: 1, info: 2 };
const SEVERITY = { Error: 'error', Warning: 'warning', Info: 'info' } as const;

function analysisOf(scenario: Scenario, files: ReturnType<typeof projectFiles>): Finding[] {
  const paths = scenario.mesh.flatMap((entry) => (entry.kind === 'path' ? [entry.path] : []));
  const own = {
    readFile: files.readFile,
    listFiles: (path: string) => files.listFiles(path)?.filter((it) => it !== scenario.file),
  };
  const store = storeOf(loadResources(paths, own).resources, []);
  const messages = analyzeAll(store, { mode: 'cluster', meshConfig: meshConfigOf(store, []) });
  return messages.map(({ code, level, message, at, hint }) => ({
    code,
    severity: SEVERITY[level],
    message,
    hint: hint ?? '',
    at,
  }));
}
