import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { reportHtml } from '#report/html-report.ts';
import { bucketNsFor, buildRunView } from '#report/run-view-builder.ts';
import { prepareExperiment } from '#scenario/experiment.ts';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import { filesOfProject, readProject } from './read-project.ts';
import { writeFile } from './write-file.ts';

/** Where `npm run build:web` leaves the page. */
export const WEB_FOLDER = fileURLToPath(new URL('../../dist-web/', import.meta.url));

export interface HtmlOutputOptions {
  readonly seed: number | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Writes the page as one file with this run inside. Answers what is wrong, if anything is. */
export function writeHtmlReport(
  scenarioPath: string,
  target: string,
  files: ScenarioFileSystem,
  { seed, parameters }: HtmlOutputOptions,
): string | undefined {
  const template = `${WEB_FOLDER}report-template.html`;
  if (!existsSync(template)) return `${target}: the page is not built: npm run build:web`;
  const project = readProject(scenarioPath, files);
  const own = filesOfProject(project);
  // Named as the page names them, so that places in the report lead to its files.
  const { scenario } = loadScenario(project.scenario, own, { seed, parameters });
  const experiment = scenario && prepareExperiment(scenario, own).experiment;
  if (experiment === undefined)
    return `${target}: the scenario does not run by its own folder alone`;
  const run = new Run(experiment, { seriesStepNs: bucketNsFor(experiment.scenario.durationNs) });
  run.finish();
  const content = {
    project,
    seed,
    parameters: Object.fromEntries(parameters),
    view: buildRunView(run),
  };
  return writeFile(target, reportHtml(readFileSync(template, 'utf8'), content));
}
