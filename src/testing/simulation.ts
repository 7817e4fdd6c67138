import { type Json, summaryJson } from '#report/summary-json.ts';
import { summaryText } from '#report/summary-text.ts';
import { PLAIN_STYLE } from '#report/text-style.ts';
import type { Experiment } from '#scenario/experiment.ts';
import { Run } from '#scenario/run.ts';
import type { ExpectationOutcome, RunResult } from '#scenario/run-result.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import { parseDuration } from '#source/duration.ts';
import { SourceFile } from '#source/source-file.ts';
import { type CompiledExpectation, compileExpectation } from '#telemetry/query/expectation.ts';
import { type QueryAnswer, queryAnswer } from './query-answer.ts';
import { ScenarioError } from './scenario-error.ts';

/** A comparison that fits every kind of quantity: asked for the value alone. */
const ANY_VALUE = '>= 0';

/**
 * A run that is over, and can be asked. A run is a function of its scenario and seed, so a question
 * that was not announced is answered by the same run once more, with the question attached.
 */
export class Simulation {
  readonly result: RunResult;
  /** Warnings and notes about the scenario and its manifests. */
  readonly diagnostics: readonly Diagnostic[];
  readonly #experiment: Experiment;
  readonly #answers = new Map<string, ExpectationOutcome>();

  constructor(
    experiment: Experiment,
    diagnostics: readonly Diagnostic[],
    queries: readonly string[],
  ) {
    this.#experiment = experiment;
    this.diagnostics = diagnostics;
    const announced = queries.map((that) => this.#compiled(that, ANY_VALUE, undefined));
    const result = this.#run([...experiment.expectations, ...announced]);
    const own = experiment.expectations.length;
    queries.forEach((that, index) => {
      this.#answers.set(keyOf(that, ANY_VALUE, undefined), result.expectations[own + index]!);
    });
    this.result = { ...result, expectations: result.expectations.slice(0, own) };
  }

  /** Every expectation of the scenario held. */
  get holds(): boolean {
    return this.result.expectations.every(({ holds }) => holds);
  }

  get digest(): string {
    return this.result.digest;
  }

  /** `query('p99(latency{client="shop"})', { during: '30s..60s' })` */
  query(that: string, { during }: { readonly during?: string } = {}): QueryAnswer {
    const result = this.expect(that, ANY_VALUE, { during });
    return queryAnswer(result, (is) => this.expect(that, is, { during }));
  }

  /** The verdict on an expectation that the scenario does not have. */
  expect(
    that: string,
    is: string,
    { during }: { readonly during?: string | undefined } = {},
  ): ExpectationOutcome {
    const key = keyOf(that, is, during);
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      [answer] = this.#run([this.#compiled(that, is, during)]).expectations;
      this.#answers.set(key, answer!);
    }
    return answer!;
  }

  /** The summary as `meshsim run` prints it. */
  get text(): string {
    return summaryText(this.result, {
      style: PLAIN_STYLE,
      detail: 'compact',
      wallMs: undefined,
    });
  }

  /** The summary as `meshsim/summary/v1`. */
  toJSON(): Json {
    return summaryJson(this.result, { version: '', wallMs: undefined });
  }

  #run(expectations: readonly CompiledExpectation[]): RunResult {
    return new Run({ ...this.#experiment, expectations }).finish();
  }

  #compiled(that: string, is: string, during: string | undefined): CompiledExpectation {
    const { warmupNs, durationNs } = this.#experiment.scenario;
    const queryFile = new SourceFile('query', that);
    const comparisonFile = new SourceFile('comparison', is);
    const request = {
      that: { text: that, at: queryFile.placeOf(0, that.length) },
      is: { text: is, at: comparisonFile.placeOf(0, is.length) },
      during: during === undefined ? undefined : windowOf(during),
      name: undefined,
      isAborting: false,
      mayBeEmpty: false,
    };
    const compiled = compileExpectation(request, { warmupNs, durationNs });
    if ('expectation' in compiled) return compiled.expectation;
    throw new ScenarioError(compiled.diagnostics, [queryFile, comparisonFile]);
  }
}

function keyOf(that: string, is: string, during: string | undefined): string {
  return JSON.stringify([that, is, during ?? '']);
}

/** `30s..60s`; either end may be missing. */
function windowOf(text: string): { readonly fromNs: number; readonly toNs: number } {
  const [, from, to] = /^\s*(\S*?)\s*\.\.\s*(\S*)\s*$/.exec(text) ?? [];
  const fromNs = from === '' ? 0 : parseDuration(from ?? '');
  const toNs = to === '' ? Number.POSITIVE_INFINITY : parseDuration(to ?? '');
  if (fromNs === undefined || toNs === undefined || fromNs >= toNs)
    throw new RangeError(`"${text}" is no period: write 0s..30s`);
  return { fromNs, toNs };
}
