import { guessScenario } from '#scenario/guess-scenario.ts';
import { projectFiles } from './project-files.ts';
import type { Project } from './protocol.ts';

/** A scenario for manifests, as `meshsim init` writes it beside them. */
export function guessedScenario(project: Project): string {
  return guessScenario('.', project.scenario, projectFiles(project)).text;
}
