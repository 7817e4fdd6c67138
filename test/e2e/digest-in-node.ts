import { join } from 'node:path';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { ROOT } from './cli-process.ts';

/** What a bundled scenario comes to in this process. */
export function digestInNode(example: string): string {
  const files = new NodeFiles();
  const { scenario } = loadScenario(scenarioPath(example), files);
  const { experiment } = prepareExperiment(scenario!, files);
  return new Run(experiment!).finish().digest;
}

export function scenarioPath(example: string): string {
  return join(ROOT, 'scenarios', example, 'scenario.yaml');
}
