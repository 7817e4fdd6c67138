import type { Diagnostic, Place } from '#source/diagnostic.ts';
import type { RowTally } from '../accumulator.ts';
import type { RowId } from '../recorder.ts';
import type { RunRecorder } from '../run-recorder.ts';
import type { Interval } from '../statistics.ts';
import { type Comparison, isExceeded, judge, parseComparison } from './comparison.ts';
import { identityMatchers, rowKindsOf, rowMatches } from './matcher.ts';
import { parseQuery } from './parser.ts';
import { type Plan, planOf, type Window } from './plan.ts';
import { absenceOf, selectorsOf } from './presence.ts';
import { QueryError, type QueryText, reading } from './query-text.ts';
import type { Dimension } from './reading.ts';
import type { Selector } from './syntax.ts';

/** What must hold, as it is written. */
export interface ExpectationRequest {
  readonly that: QueryText;
  readonly is: QueryText;
  /** [from, to); undefined = the whole run after the warm-up. */
  readonly during: { readonly fromNs: number; readonly toNs: number } | undefined;
  readonly name: string | undefined;
  readonly isAborting: boolean;
  readonly mayBeEmpty: boolean;
}

export interface ExpectationResult {
  /** As given, else the query. */
  readonly name: string;
  readonly that: string;
  readonly is: string;
  readonly during: { readonly fromNs: number; readonly toNs: number } | undefined;
  readonly at: Place | undefined;
  readonly holds: boolean;
  readonly dimension: Dimension;
  /** Undefined = nothing was seen. Durations in ns, rates per second, shares from 0 to 1. */
  readonly value: number | undefined;
  /** How many requests or events it stands on. */
  readonly count: number | undefined;
  /** The 99 % interval, for `~X`. */
  readonly interval: Interval | undefined;
  /** Why there is no value, or what to know about it. */
  readonly remark: string | undefined;
  /**
   * The requests that the verdict is about, row by row, however they ended: those of its last selector
   * of requests or latency. For explaining a failure; undefined where the query looks at no requests.
   */
  readonly requests: readonly RowCount[] | undefined;
}

export interface RowCount {
  readonly row: RowId;
  readonly count: number;
}

/** An expectation that is ready to be counted. */
export class CompiledExpectation {
  readonly request: ExpectationRequest;
  readonly #plan: Plan;
  readonly #comparison: Comparison;
  readonly #window: Window;
  readonly #selectors: readonly Selector[];

  constructor(
    request: ExpectationRequest,
    plan: Plan,
    comparison: Comparison,
    window: Window,
    selectors: readonly Selector[],
  ) {
    this.request = request;
    this.#plan = plan;
    this.#comparison = comparison;
    this.#window = window;
    this.#selectors = selectors;
  }

  get dimension(): Dimension {
    return this.#plan.dimension;
  }

  /** Asks `recorder` for what must be counted. Before the run. */
  attach(recorder: RunRecorder): AttachedExpectation {
    const meter = this.#plan.attach(recorder);
    const tally = this.#tally(recorder);
    return {
      request: this.request,
      isHopeless: (nowNs) =>
        this.#plan.isGrowing &&
        nowNs >= this.#window.fromNs &&
        isExceeded(this.#comparison, meter(nowNs).value),
      result: (nowNs) => {
        const { value, count, sample } = meter(nowNs);
        const absence = this.#absence(recorder, value);
        const judgement =
          absence === undefined ? judge(this.#comparison, { value, count, sample }) : undefined;
        const { that, is, during, name, mayBeEmpty } = this.request;
        return {
          name: name ?? that.text,
          that: that.text,
          is: is.text,
          during,
          at: that.at,
          holds: judgement?.holds ?? mayBeEmpty,
          dimension: this.#plan.dimension,
          value: absence === undefined ? value : undefined,
          count,
          interval: judgement?.interval,
          remark: absence ?? judgement?.warning,
          requests: tally?.rows
            .map(({ row, accumulator }) => ({ row, count: accumulator.count }))
            .filter((requests) => requests.count > 0),
        };
      },
    };
  }

  #tally(recorder: RunRecorder): RowTally | undefined {
    const isOfRequests = ({ metric }: Selector) => metric.kinds.includes('source');
    const selector = this.#selectors.findLast(isOfRequests);
    if (selector === undefined) return undefined;
    const { metric, matchers } = selector;
    const identity = identityMatchers(matchers);
    return recorder.tally({
      kinds: rowKindsOf(metric, matchers),
      matches: (rows, row) => rowMatches(identity, rows, row),
      fromNs: this.#window.fromNs,
      toNs: this.#window.toNs,
      durations: false,
    });
  }

  #absence(recorder: RunRecorder, value: number): string | undefined {
    for (const selector of this.#selectors) {
      const absence = absenceOf(selector, this.request.that.text, recorder);
      if (absence !== undefined) return absence;
    }
    if (!Number.isNaN(value)) return undefined;
    return 'nothing was seen in this time';
  }
}

/** An expectation and its counters. */
export interface AttachedExpectation {
  readonly request: ExpectationRequest;
  /** It can no longer hold, whatever follows. */
  readonly isHopeless: (nowNs: number) => boolean;
  readonly result: (nowNs: number) => ExpectationResult;
}

/** What a run's expectations need to know of it. */
export interface RunTimes {
  readonly warmupNs: number;
  readonly durationNs: number;
}

/** Reads and checks an expectation; gives it, or what is wrong with its texts. */
export function compileExpectation(
  request: ExpectationRequest,
  { warmupNs, durationNs }: RunTimes,
): { readonly expectation: CompiledExpectation } | { readonly diagnostics: readonly Diagnostic[] } {
  const fromNs = request.during?.fromNs ?? warmupNs;
  const toNs = request.during?.toNs ?? Number.POSITIVE_INFINITY;
  const window = { fromNs, toNs, durationNs };
  const query = reading(request.that, (text) => {
    const expression = parseQuery(text);
    return { plan: planOf(expression, window), selectors: selectorsOf(expression) };
  });
  if ('diagnostic' in query) return { diagnostics: [query.diagnostic] };
  const { plan, selectors } = query.value;
  const comparison = reading(request.is, (text) => checkedComparison(text, plan));
  if ('diagnostic' in comparison) return { diagnostics: [comparison.diagnostic] };
  return {
    expectation: new CompiledExpectation(request, plan, comparison.value, window, selectors),
  };
}

function checkedComparison(text: string, { dimension, isEstimable }: Plan): Comparison {
  const comparison = parseComparison(text, dimension);
  if (comparison.kind === 'estimate' && !isEstimable) {
    const span = { start: 0, end: text.length };
    throw new QueryError('MS0307', '~ compares shares of counts, counts and means only', span);
  }
  return comparison;
}
