import { type Experiment, prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import { projectFiles } from './project-files.ts';
import type { Finding, Parameters, Project } from './protocol.ts';

export interface Prepared {
  readonly experiment: Experiment | undefined;
  readonly findings: readonly Finding[];
}

export interface PrepareOptions {
  readonly parameters: Parameters;
  readonly seed?: number | undefined;
}

/** Reads and checks a project, as the command does. */
export function prepare(project: Project, { parameters, seed }: PrepareOptions): Prepared {
  const files = projectFiles(project);
  const options = { seed, parameters: new Map(Object.entries(parameters)) };
  const loaded = loadScenario(project.scenario, files, options);
  if (loaded.scenario === undefined)
    return { experiment: undefined, findings: loaded.diagnostics.map(findingOf) };
  const { experiment, diagnostics } = prepareExperiment(loaded.scenario, files);
  return { experiment, findings: [...loaded.diagnostics, ...diagnostics].map(findingOf) };
}

function findingOf({ code, severity, message, at, hint }: Diagnostic): Finding {
  return { code, severity, message, hint: hint ?? '', at };
}
