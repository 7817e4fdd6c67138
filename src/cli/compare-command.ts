import { comparisonJson } from '#report/comparison-json.ts';
import { comparisonText } from '#report/comparison-text.ts';
import type { Experiment } from '#scenario/experiment.ts';
import { RequestLog } from '#scenario/request-log.ts';
import { Run } from '#scenario/run.ts';
import { compareRuns, type LoggedRun } from '#scenario/run-comparison.ts';
import { EXIT } from './exit-code.ts';
import { manifestSources } from './manifest-sources.ts';
import type { CommonOptions, ProgramContext } from './program-context.ts';
import { experimentOf, type ScenarioOptions } from './run-command.ts';
import { packageVersion } from './version.ts';

export interface CompareOptions extends CommonOptions, ScenarioOptions {
  readonly output: string;
  /** Manifests over those of A: that is B. */
  readonly with?: readonly string[];
  readonly failOnRegression?: boolean;
}

/** Runs two scenarios, or one with other manifests, on the same random numbers; says what differs. */
export function compareScenarios(
  pathA: string,
  pathB: string | undefined,
  options: CompareOptions,
  context: ProgramContext,
): void {
  const over = options.with ?? [];
  if ((pathB === undefined) === (over.length === 0)) {
    context.say('error: compare wants two scenarios, or one and --with MANIFESTS');
    context.endWith(EXIT.badInput);
    return;
  }
  const experimentA = experimentOf(pathA, options, context);
  const seed = experimentA?.scenario.seed;
  const experimentB = experimentOf(
    pathB ?? pathA,
    seed === undefined ? options : { ...options, seed },
    context,
    manifestSources(over, context.files),
  );
  if (experimentA === undefined || experimentB === undefined) {
    context.endWith(EXIT.badInput);
    return;
  }
  context.seed = seed;
  const comparison = compareRuns(logged(experimentA), logged(experimentB));
  if (options.output === 'json') {
    const json = comparisonJson(comparison, packageVersion());
    context.print(`${JSON.stringify(json, undefined, 2)}\n`);
  } else context.print(comparisonText(comparison, context.style));
  const hasRegression = comparison.metrics.some(({ verdict }) => verdict === 'worse');
  const hasFailed = comparison.b.expectations.some(({ holds }) => !holds);
  if (hasFailed || (options.failOnRegression === true && hasRegression))
    context.endWith(EXIT.failed);
}

function logged(experiment: Experiment): LoggedRun {
  const log = new RequestLog();
  const run = new Run(experiment, { observer: log.observer });
  return { run, result: run.finish(), log };
}
