import { sweepJson } from '#report/sweep-json.ts';
import { sweepText } from '#report/sweep-text.ts';
import type { Experiment } from '#scenario/experiment.ts';
import { type AskedQuery, type Measure, measuresOf } from '#scenario/sweep/measure.ts';
import { type Shard, type SweepPlan, sweepJobs, sweepPlan } from '#scenario/sweep/sweep-plan.ts';
import type { SweepResult } from '#scenario/sweep/sweep-result.ts';
import { brokenExpectations } from '#scenario/sweep/sweep-verdict.ts';
import type { SweepPoint, Varied } from '#scenario/sweep/vary.ts';
import { EXIT } from './exit-code.ts';
import type { CommonOptions, ProgramContext } from './program-context.ts';
import { readProject } from './read-project.ts';
import { experimentOf, type ScenarioOptions } from './run-command.ts';
import { scenarioSource } from './scenario-source.ts';
import { SweepPool } from './sweep-pool.ts';
import { SweepQueue } from './sweep-queue.ts';
import { sweepWorkerData } from './sweep-runner.ts';
import { packageVersion } from './version.ts';
import { writeFile } from './write-file.ts';

export interface SweepOptions extends CommonOptions, ScenarioOptions {
  readonly output: string;
  readonly vary: readonly Varied[];
  readonly seeds: number;
  readonly measure: readonly string[];
  readonly find?: string;
  readonly until?: string;
  /** In percent. */
  readonly precision: number;
  readonly jobs?: number;
  readonly shard?: Shard;
  /** `redis://HOST:PORT`. */
  readonly queue?: string;
  readonly out?: string;
}

/** Runs a scenario with every combination of values under every seed; says what each comes to. */
export async function sweepScenario(
  path: string,
  options: SweepOptions,
  context: ProgramContext,
): Promise<void> {
  const started = startOf(path, options, context);
  if (started === undefined) return;
  if (!areUsable(path, options, context)) {
    context.endWith(EXIT.badInput);
    return;
  }
  const plan = planOf(path, started, options, context);
  const jobs = sweepJobs(plan, options.shard);
  const pool = await runnerOf(path, plan, options, context);
  if (pool === undefined) return;
  const runs = await pool.run(jobs);
  await pool.close();
  const result: SweepResult = { plan, shard: options.shard, runs };
  if (pool.isInterrupted) {
    context.say(`interrupted after ${runs.length} of ${jobs.length} runs`);
    context.endWith(EXIT.interrupted);
  }
  showSweep(result, pool.isInterrupted ? { output: 'text' } : options, context);
}

/** Whoever runs the jobs: this machine, or all that hear of them; undefined after saying why not. */
async function runnerOf(
  path: string,
  plan: SweepPlan,
  options: SweepOptions,
  context: ProgramContext,
): Promise<SweepPool | SweepQueue | undefined> {
  const { queue, shard, jobs } = options;
  if (queue === undefined) return new SweepPool(path, options, plan.measures, context);
  const data = { ...sweepWorkerData(path, options, plan.measures), jobs };
  const opened =
    shard === undefined
      ? await SweepQueue.open(queue, plan.identity, data, context)
      : { problem: '--queue shares all runs out itself', hint: 'leave --shard away' };
  if (opened instanceof SweepQueue) return opened;
  context.say(`error: ${opened.problem}\n  hint: ${opened.hint}`);
  context.endWith(EXIT.badInput);
  return undefined;
}

/** Prints a sweep, and writes its document. */
export function showSweep(
  result: SweepResult,
  { output, out }: { readonly output: string; readonly out?: string },
  context: ProgramContext,
): void {
  const document = () => `${JSON.stringify(sweepJson(result, packageVersion()), undefined, 2)}\n`;
  context.print(output === 'json' ? document() : sweepText(result, context.style));
  // A part is no verdict: `merge` gives it.
  if (result.shard === undefined && brokenExpectations(result).length > 0)
    context.endWith(EXIT.failed);
  if (out === undefined) return;
  const problem = writeFile(out, document());
  if (problem === undefined) return;
  context.say(`error: ${problem}`);
  context.endWith(EXIT.badInput);
}

export interface StartedSweep {
  readonly experiment: Experiment;
  readonly measures: readonly Measure[];
}

/** The experiment of the first point, and what is measured; undefined after saying what is wrong. */
export function startOf(
  path: string,
  options: SweepOptions,
  context: ProgramContext,
  condition?: AskedQuery,
): StartedSweep | undefined {
  if (path === '-') {
    context.say('error: a sweep reads its scenario many times: name a file');
    context.endWith(EXIT.badInput);
    return undefined;
  }
  const first = options.vary.map(({ key, values }) => [key, values[0]!] as const);
  const experiment = experimentOf(path, pointOptions(options, first), context);
  const asked = [...options.measure.map((that) => ({ that })), ...(condition ? [condition] : [])];
  const measured = experiment && measuresOf(experiment, asked);
  if (measured !== undefined && 'diagnostics' in measured)
    context.report(measured.diagnostics, [], false);
  if (experiment !== undefined && measured !== undefined && 'measures' in measured) {
    context.seed = experiment.scenario.seed;
    return { experiment, measures: measured.measures };
  }
  context.endWith(EXIT.badInput);
  return undefined;
}

/** Whether the scenario takes each value: tried with the first value of all other keys. */
function areUsable(path: string, options: SweepOptions, context: ProgramContext): boolean {
  const first = options.vary.map(({ key, values }) => [key, values[0]!] as const);
  return options.vary.every(({ key, values }) =>
    values.slice(1).every((value) => {
      const point = first.map((one) => (one[0] === key ? ([key, value] as const) : one));
      const isUsable = experimentOf(path, pointOptions(options, point), context) !== undefined;
      if (!isUsable) context.say(`  with ${key}=${value}`);
      return isUsable;
    }),
  );
}

/** The options with the values of a point: later ones win. */
export function pointOptions(options: ScenarioOptions, point: SweepPoint): ScenarioOptions {
  return { ...options, set: [...options.set, ...point] };
}

function planOf(
  path: string,
  { experiment, measures }: StartedSweep,
  options: SweepOptions,
  context: ProgramContext,
): SweepPlan {
  const { scenario } = experiment;
  const source = scenarioSource(path, context.files);
  const { files } = readProject(source.path, source.files);
  const texts = Object.entries(files).flat();
  return sweepPlan(
    {
      scenario: scenario.file,
      title: scenario.title === '' ? scenario.file : scenario.title,
      varied: options.vary,
      firstSeed: scenario.seed,
      seedCount: options.seeds,
      measures,
    },
    [...texts, ...options.set.flat()],
  );
}
