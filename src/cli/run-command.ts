import type { ManifestSource } from '#mesh/manifests.ts';
import { findProxy } from '#mesh/proxy-inspection.ts';
import { traceJson, whyJson } from '#report/answers-json.ts';
import { coverageShare, coverageText } from '#report/coverage-text.ts';
import { outcomeText } from '#report/outcome-text.ts';
import { seriesJson } from '#report/series-json.ts';
import { type Json, summaryJson } from '#report/summary-json.ts';
import { summaryText } from '#report/summary-text.ts';
import { traceText } from '#report/trace-text.ts';
import { whyText } from '#report/why-text.ts';
import { type Experiment, prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { type RequestChoice, traceOf, type WhyAnswer, whyOf } from '#scenario/request-choice.ts';
import { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';
import type { TracedRequest } from '#scenario/traced-requests.ts';
import { EXIT } from './exit-code.ts';
import { writeHtmlReport } from './html-output.ts';
import type { CommonOptions, ProgramContext } from './program-context.ts';
import { Progress } from './progress.ts';
import { type OutputRequest, RunOutputs } from './run-outputs.ts';
import { scenarioSource } from './scenario-source.ts';
import { packageVersion } from './version.ts';
import { optimizedLate } from './when-to-optimize.ts';

export interface RunOptions extends CommonOptions {
  readonly output?: string;
  readonly seed?: number;
  readonly set: readonly (readonly [string, string])[];
  readonly strict?: boolean;
  /** Wins over the scenario's own. */
  readonly istioVersion?: string;
  readonly summary: string;
  readonly allowOutside?: boolean;
  readonly reproducible?: boolean;
  readonly coverage?: boolean;
  /** In percent. */
  readonly coverageFailUnder?: number;
  readonly out?: readonly OutputRequest[];
  /** Bucket length in ns: the series of JSON. */
  readonly series?: number;
  /** Requests to explain, and to tell one of step by step. */
  readonly why?: RequestChoice;
  readonly trace?: RequestChoice;
  /** Whose /stats to print after the run. */
  readonly envoyStats?: string;
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
  const outputs = new RunOutputs(options.out ?? [], experiment, options.series);
  const runOptions = {
    ...outputs.runOptions,
    keepsHistograms: options.envoyStats !== undefined,
    translating: optimizedLate,
  };
  const run = optimizedLate(() => new Run(experiment, runOptions));
  const progress = new Progress(isProgressShown(options, context), context.errorStyle);
  const isInterrupted = await advance(run, progress);
  progress.clear();
  const wallMs = options.reproducible === true ? undefined : performance.now() - startMs;
  const result = run.result();
  endOf(result, isInterrupted, context);
  checkCoverage(result, options, context);
  if (!isInterrupted) writeOutputs(path, options, context);
  for (const problem of outputs.write(run, result, (text) => context.print(text))) {
    context.say(`error: ${problem}`);
    context.endWith(EXIT.badInput);
  }
  const answers = answersOf(run, options, context);
  if (options.output === 'json') return jsonOf(run, result, wallMs, options, answers);
  if (options.summary !== 'none') {
    const detail = options.summary === 'full' ? 'full' : 'compact';
    context.print(summaryText(result, { style: context.style, detail, wallMs }));
  }
  if (answers.why !== undefined) context.print(`\n${whyText(answers.why, context.style)}`);
  if (answers.trace !== undefined) context.print(`\n${traceText(answers.trace, context.style)}`);
  hintAt(path, result, options, context);
  if (options.envoyStats !== undefined) printEnvoyStats(run, options.envoyStats, context);
  if (options.coverage === true) context.print(`\n${coverageText(result, context.style)}`);
  return undefined;
}

/** What to do next. */
function hintAt(
  path: string,
  { blame, expectations }: RunResult,
  options: RunOptions,
  context: ProgramContext,
): void {
  const [worst] = blame;
  const isSlow = expectations.some(({ holds, dimension }) => !holds && dimension === 'duration');
  if (isSlow && options.why === undefined)
    context.hint(`see where their time went: meshsim run ${path} --why slow`);
  else if (worst !== undefined && options.trace === undefined)
    context.hint(
      `see one of them: meshsim run ${path} --trace '${outcomeText(worst.code, worst.flags)}'`,
    );
  context.hint(`open it: meshsim serve ${path}`);
}

/** What `--why` and `--trace` asked for. */
interface Answers {
  readonly why: WhyAnswer | undefined;
  readonly trace: TracedRequest | undefined;
}

function answersOf(run: Run, { why, trace }: RunOptions, context: ProgramContext): Answers {
  const answers = { why: why && whyOf(run, why), trace: trace && traceOf(run, trace) };
  if (trace !== undefined && answers.trace === undefined) {
    const seen = run.result().responses.map(({ code, flags }) => outcomeText(code, flags));
    context.say(
      `error: --trace ${trace.text}: no client saw such a request; they saw ${seen.join(', ')}`,
    );
    context.endWith(EXIT.badInput);
  }
  return answers;
}

function checkCoverage(result: RunResult, options: RunOptions, context: ProgramContext): void {
  const { coverageFailUnder: least } = options;
  if (least === undefined || coverageShare(result) * 100 >= least) return;
  const percent = (coverageShare(result) * 100).toFixed(1);
  context.say(`coverage ${percent}% is under ${least}% (--coverage-fail-under)`);
  context.endWith(EXIT.failed);
}

function jsonOf(
  run: Run,
  result: RunResult,
  wallMs: number | undefined,
  options: RunOptions,
  { why, trace }: Answers,
): Json {
  const { series } = run.recorder;
  const document = {
    version: packageVersion(),
    wallMs,
    ...(why === undefined ? {} : { why: whyJson(why) }),
    ...(trace === undefined ? {} : { trace: traceJson(trace) }),
  };
  if (options.series === undefined || series === undefined) return summaryJson(result, document);
  return summaryJson(result, {
    ...document,
    series: seriesJson(run.recorder, series, run.nowNs),
  });
}

/** What `/stats?usedonly` of one proxy would say. */
function printEnvoyStats(run: Run, proxyText: string, context: ProgramContext): void {
  const found = findProxy(run.mesh.view, proxyText, undefined);
  const runtime =
    'pod' in found ? run.mesh.proxies.find(({ name }) => name === found.pod.name) : undefined;
  if (runtime !== undefined) {
    context.print(runtime.proxy.statsText());
    return;
  }
  const hint = 'problem' in found ? found.hint : 'its pod has come or gone during the run';
  context.say(
    `error: ${'problem' in found ? found.problem : `no proxy "${proxyText}"`}\n  hint: ${hint}`,
  );
  context.endWith(EXIT.badInput);
}

function writeOutputs(path: string, options: RunOptions, context: ProgramContext): void {
  for (const { format, file } of options.out ?? []) {
    if (format !== 'html' || file === undefined) continue;
    const wanted = { seed: options.seed, parameters: new Map(options.set) };
    const source = scenarioSource(path, context.files);
    const problem = writeHtmlReport(source.path, file, source.files, wanted);
    if (problem === undefined) continue;
    context.say(`error: ${problem}`);
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
  'allowOutside' | 'seed' | 'set' | 'strict' | 'verbose' | 'istioVersion'
>;

/** A scenario ready to run, with `more` manifests over its own; undefined after saying (or not) what is wrong. */
export function experimentOf(
  path: string,
  options: ScenarioOptions,
  context: ProgramContext,
  more: readonly ManifestSource[] = [],
  isSaid = true,
): Experiment | undefined {
  const source = scenarioSource(path, context.files);
  const loaded = loadScenario(source.path, source.files, {
    parameters: new Map(options.set),
    seed: options.seed,
    mayLeaveFolder: options.allowOutside ?? false,
  });
  const showsNotes = options.verbose ?? false;
  if (loaded.scenario === undefined) {
    if (isSaid) context.report(loaded.diagnostics, loaded.files, showsNotes);
    return undefined;
  }
  const isStrict = options.strict ?? false;
  const scenario = {
    ...loaded.scenario,
    istioVersion: options.istioVersion ?? loaded.scenario.istioVersion,
    mesh: [...loaded.scenario.mesh, ...more],
  };
  const prepared = optimizedLate(() => prepareExperiment(scenario, source.files, { isStrict }));
  const diagnostics = [...loaded.diagnostics, ...prepared.diagnostics];
  if (isSaid) context.report(diagnostics, [...loaded.files, ...prepared.files], showsNotes);
  const { experiment } = prepared;
  if (experiment === undefined || source.note === '') return experiment;
  return { ...experiment, notes: [source.note, ...experiment.notes] };
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
