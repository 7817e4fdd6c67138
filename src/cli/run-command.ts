import type { ManifestSource } from '#mesh/manifests.ts';
import { type Json, summaryJson } from '#report/summary-json.ts';
import { summaryText } from '#report/summary-text.ts';
import { type Experiment, prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';
import { EXIT } from './exit-code.ts';
import { writeHtmlReport } from './html-output.ts';
import type { CommonOptions, ProgramContext } from './program-context.ts';
import { Progress } from './progress.ts';
import { packageVersion } from './version.ts';

export interface RunOptions extends CommonOptions {
  readonly output?: string;
  readonly seed?: number;
  readonly set: readonly (readonly [string, string])[];
  readonly strict?: boolean;
  readonly summary: string;
  readonly allowOutside?: boolean;
  readonly reproducible?: boolean;
  /** Format and file of each `--out`. */
  readonly out?: readonly (readonly [string, string])[];
}

/** Real time between looks at the clock and at the keyboard. */
const SLICE_MS = 50;

/** Runs each scenario in turn; a later one runs even if an earlier one failed. */
export async function runScenarios(
  paths: readonly string[],
  options: RunOptions,
  context: ProgramContext,
): Promise<void> {
  const documents: Json[] = [];
  for (const path of paths) {
    const document = await runScenario(path, options, context);
    if (document !== undefined) documents.push(document);
    if (context.exitCode === EXIT.interrupted) break;
  }
  // One document, whatever was run: several scenarios are a list.
  if (options.output === 'json' && documents.length > 0) {
    const whole = paths.length === 1 ? documents[0] : documents;
    context.print(`${JSON.stringify(whole, undefined, 2)}\n`);
  }
}

async function runScenario(
  path: string,
  options: RunOptions,
  context: ProgramContext,
): Promise<Json | undefined> {
  const experiment = experimentOf(path, options, context);
  if (experiment === undefined) {
    context.endWith(EXIT.badInput);
    return undefined;
  }
  context.seed = experiment.scenario.seed;
  const startMs = performance.now();
  const run = new Run(experiment);
  const progress = new Progress(isProgressShown(options, context), context.errorStyle);
  const isInterrupted = await advance(run, progress);
  progress.clear();
  const wallMs = options.reproducible === true ? undefined : performance.now() - startMs;
  const result = run.result();
  endOf(result, isInterrupted, context);
  if (!isInterrupted) writeOutputs(path, options, context);
  if (options.output === 'json') return summaryJson(result, { version: packageVersion(), wallMs });
  if (options.summary !== 'none') {
    const detail = options.summary === 'full' ? 'full' : 'compact';
    context.print(summaryText(result, { style: context.style, detail, wallMs }));
  }
  return undefined;
}

function writeOutputs(path: string, options: RunOptions, context: ProgramContext): void {
  for (const [, file] of options.out ?? []) {
    const wanted = { seed: options.seed, parameters: new Map(options.set) };
    const problem = writeHtmlReport(path, file, context.files, wanted);
    if (problem === undefined) continue;
    context.say(`error: ${file}: ${problem}`);
    context.endWith(EXIT.badInput);
  }
}

function isProgressShown(options: RunOptions, context: ProgramContext): boolean {
  const { stderr, env } = process;
  return (
    stderr.isTTY === true && !context.isQuiet && (env['CI'] ?? '') === '' && options.quiet !== true
  );
}

/** What a command that runs a scenario needs to know to read it. */
export type ScenarioOptions = Pick<
  RunOptions,
  'allowOutside' | 'seed' | 'set' | 'strict' | 'verbose'
>;

/** A scenario ready to run, with `more` manifests over its own; undefined after saying what is wrong. */
export function experimentOf(
  path: string,
  options: ScenarioOptions,
  context: ProgramContext,
  more: readonly ManifestSource[] = [],
): Experiment | undefined {
  const loaded = loadScenario(path, context.files, {
    parameters: new Map(options.set),
    seed: options.seed,
    mayLeaveFolder: options.allowOutside ?? false,
  });
  const showsNotes = options.verbose ?? false;
  if (loaded.scenario === undefined) {
    context.report(loaded.diagnostics, loaded.files, showsNotes);
    return undefined;
  }
  const isStrict = options.strict ?? false;
  const scenario = { ...loaded.scenario, mesh: [...loaded.scenario.mesh, ...more] };
  const prepared = prepareExperiment(scenario, context.files, { isStrict });
  const diagnostics = [...loaded.diagnostics, ...prepared.diagnostics];
  context.report(diagnostics, [...loaded.files, ...prepared.files], showsNotes);
  return prepared.experiment;
}

/** Lets the run go on in slices of real time. True when Ctrl-C stopped it. */
async function advance(run: Run, progress: Progress): Promise<boolean> {
  let isInterrupted = false;
  const onInterrupt = () => {
    isInterrupted = true;
  };
  process.once('SIGINT', onInterrupt);
  let sliceNs = 10e6;
  while (!run.isOver && !isInterrupted) {
    const startMs = performance.now();
    run.until(run.nowNs + sliceNs);
    const tookMs = performance.now() - startMs;
    // Twice as far when there is time left, half as far when it took too long.
    if (tookMs < SLICE_MS / 2) sliceNs *= 2;
    else if (tookMs > SLICE_MS) sliceNs = Math.max(1, sliceNs / 2);
    const { durationNs } = run.experiment.scenario;
    const { eventCount } = run.dispatcher;
    progress.show({ nowNs: run.nowNs, durationNs, eventCount, requestCount: run.requestCount });
    await new Promise((resolve) => setImmediate(resolve)); // Lets a signal through.
  }
  process.removeListener('SIGINT', onInterrupt);
  return isInterrupted;
}

function endOf(result: RunResult, isInterrupted: boolean, context: ProgramContext): void {
  if (isInterrupted) {
    context.say(`interrupted at t=${((result.stoppedAtNs ?? 0) / 1e9).toFixed(1)}s`);
    context.endWith(EXIT.interrupted);
  } else if (result.expectations.some(({ holds }) => !holds)) context.endWith(EXIT.failed);
}
