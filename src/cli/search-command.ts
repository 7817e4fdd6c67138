import { searchJson } from '#report/search-json.ts';
import { searchText } from '#report/search-text.ts';
import { scenarioValue } from '#scenario/file/scenario-value.ts';
import { type Outcome, searchBreakingPoint } from '#scenario/sweep/breaking-point.ts';
import { type Quantity, quantityOf } from '#scenario/sweep/quantity-text.ts';
import type { SearchResult, SearchTrial } from '#scenario/sweep/search-result.ts';
import type { SweepRun } from '#scenario/sweep/sweep-job.ts';
import { spreadOf } from '#scenario/sweep/sweep-result.ts';
import { type Condition, conditionOf } from '#scenario/sweep/until.ts';
import { EXIT } from './exit-code.ts';
import { ProgramContext } from './program-context.ts';
import { experimentOf } from './run-command.ts';
import { scenarioSource } from './scenario-source.ts';
import { pointOptions, type StartedSweep, type SweepOptions, startOf } from './sweep-command.ts';
import { SweepPool } from './sweep-pool.ts';
import { packageVersion } from './version.ts';

/** Looks for the value of a key at which a condition comes true in more than half of the seeds. */
export async function findBreakingPoint(
  path: string,
  find: string,
  options: SweepOptions,
  context: ProgramContext,
): Promise<void> {
  const asked = askedSearch(path, find, options, context);
  const started = 'problem' in asked ? undefined : startOf(path, options, context, asked.condition);
  const isPointless = started?.measures.every(({ kind }) => kind === 'client');
  if ('problem' in asked || isPointless === true) {
    const { problem, hint } = 'problem' in asked ? asked : NOTHING_TO_BREAK;
    context.say(`error: ${problem}\n  hint: ${hint}`);
    context.endWith(EXIT.badInput);
    return;
  }
  if (started === undefined) return;
  const trials = new Trials(path, asked, started, options, context);
  const { from, to } = asked;
  const search = searchBreakingPoint({ from, to, precision: options.precision / 100 });
  let step = search.next();
  while (step.done !== true && !trials.isInterrupted)
    step = search.next(await trials.try(step.value));
  await trials.close();
  if (step.done !== true) {
    context.say(`interrupted after ${trials.all.length} values`);
    context.endWith(EXIT.interrupted);
    return;
  }
  show(trials.resultOf(step.value), options.output, context);
}

function show(result: SearchResult, output: string, context: ProgramContext): void {
  const document = () => `${JSON.stringify(searchJson(result, packageVersion()), undefined, 2)}\n`;
  context.print(output === 'json' ? document() : searchText(result, context.style));
  if (result.breakingPoint.kind === 'none') context.endWith(EXIT.failed);
}

/** A search as the command line asks for it. */
interface AskedSearch {
  readonly key: string;
  readonly from: Quantity;
  readonly to: Quantity | undefined;
  /** Undefined: that an expectation of the scenario fails. */
  readonly condition: Condition | undefined;
}

interface Refusal {
  readonly problem: string;
  readonly hint: string;
}

const EXAMPLE = "--until 'p99(latency) > 250ms'";
const NOTHING_TO_BREAK: Refusal = {
  problem: 'the scenario has no expectation that could fail',
  hint: EXAMPLE,
};

/** Reads `KEY` or `KEY=A..B`, and the condition. Without a range the search starts at the file's value. */
function askedSearch(
  path: string,
  find: string,
  options: SweepOptions,
  context: ProgramContext,
): AskedSearch | Refusal {
  if (options.vary.length > 0 || options.shard !== undefined || options.queue !== undefined)
    return {
      problem: '--find chooses its values itself',
      hint: 'leave --vary, --shard and --queue away',
    };
  const condition = options.until === undefined ? undefined : conditionOf(options.until);
  if (options.until !== undefined && condition === undefined)
    return { problem: `--until ${options.until} has no comparison`, hint: EXAMPLE };
  const [key = '', range] = find.split('=');
  const source = scenarioSource(path, context.files);
  const written = range ?? scenarioValue(source.path, key, source.files) ?? '';
  const [fromText = '', toText] = written.split('..');
  const from = quantityOf(fromText);
  const to = toText === undefined ? undefined : quantityOf(toText);
  const isRange = to !== undefined && from?.unit === to.unit;
  if (from !== undefined && (toText === undefined || isRange)) return { key, from, to, condition };
  const problem =
    range === undefined
      ? `${key} is no number of the scenario`
      : `${range} is no range of numbers with the same unit`;
  return { problem, hint: `--find ${key}=10/s..1000/s` };
}

/** Values that were tried, each under all seeds. */
class Trials {
  readonly all: SearchTrial[] = [];
  readonly #path: string;
  readonly #asked: AskedSearch;
  readonly #started: StartedSweep;
  readonly #options: SweepOptions;
  readonly #pool: SweepPool;
  readonly #quiet = new ProgramContext({ quiet: true });
  /** Of the condition among the measures; −1: the expectations decide. */
  readonly #place: number;

  constructor(
    path: string,
    asked: AskedSearch,
    started: StartedSweep,
    options: SweepOptions,
    context: ProgramContext,
  ) {
    this.#path = path;
    this.#asked = asked;
    this.#started = started;
    this.#options = options;
    this.#pool = new SweepPool(path, options, started.measures, context);
    this.#place =
      asked.condition === undefined
        ? -1
        : started.measures.findLastIndex(({ kind }) => kind === 'query');
  }

  get isInterrupted(): boolean {
    return this.#pool.isInterrupted;
  }

  async try(value: string): Promise<Outcome> {
    const point = [[this.#asked.key, value]] as const;
    const options = pointOptions(this.#options, point);
    if (experimentOf(this.#path, options, this.#quiet, [], false) === undefined) {
      this.all.push({ value, outcome: 'refused', brokenCount: 0, spread: undefined });
      return 'refused';
    }
    const { seed } = this.#started.experiment.scenario;
    const jobs = Array.from({ length: this.#options.seeds }, (_, index) => {
      return { index, point, seed: seed + index };
    });
    const runs = await this.#pool.run(jobs);
    const brokenCount = runs.filter((run) => this.#isBroken(run)).length;
    const outcome = brokenCount * 2 > runs.length ? 'broken' : 'fine';
    const spread = this.#place < 0 ? undefined : spreadOf(runs, this.#place);
    this.all.push({ value, outcome, brokenCount, spread });
    return outcome;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  resultOf(breakingPoint: SearchResult['breakingPoint']): SearchResult {
    const { scenario } = this.#started.experiment;
    return {
      scenario: scenario.file,
      title: scenario.title === '' ? scenario.file : scenario.title,
      key: this.#asked.key,
      until: this.#options.until,
      dimension: this.#started.measures[this.#place]?.dimension,
      firstSeed: scenario.seed,
      seedCount: this.#options.seeds,
      trials: this.all,
      breakingPoint,
    };
  }

  #isBroken({ measured }: SweepRun): boolean {
    if (this.#place < 0) return measured.some(({ holds }) => holds === false);
    return measured[this.#place]?.holds === true;
  }
}
