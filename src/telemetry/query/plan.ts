import type { Accumulator, AccumulatorRequest } from '../accumulator.ts';
import type { GaugeSum, RunRecorder } from '../run-recorder.ts';
import { rowKindsOf, rowMatches } from './matcher.ts';
import { QueryError, type Span } from './query-text.ts';
import { combinedDimension, combinedReading, type Dimension, type Reading } from './reading.ts';
import type { Expression, FunctionName, Selector } from './syntax.ts';

/** The part of a run that a query looks at, in ns. */
export interface Window {
  readonly fromNs: number;
  /** Infinity = to the end, the draining of late requests included. */
  readonly toNs: number;
  /** When the load ends: gauges and rates are taken up to here at most. */
  readonly durationNs: number;
}

/** A checked query: what kind of quantity it gives, and how it is counted. */
export interface Plan {
  readonly dimension: Dimension;
  /** Whether the value can only grow during a run. */
  readonly isGrowing: boolean;
  /** Whether an interval is known for it, so that `~` makes sense. */
  readonly isEstimable: boolean;
  /** Asks for its accumulators; called once, before the run. */
  readonly attach: (recorder: RunRecorder) => Meter;
}

/** Gives the value as of `nowNs`. */
type Meter = (nowNs: number) => Reading;

/** Throws a `QueryError` where quantities do not fit together. */
export function planOf(expression: Expression, window: Window): Plan {
  switch (expression.kind) {
    case 'number': {
      const reading = { value: expression.value, count: undefined, sample: undefined };
      return {
        dimension: 'number',
        isGrowing: true,
        isEstimable: false,
        attach: () => () => reading,
      };
    }
    case 'selector':
      return selectorPlan(expression, window);
    case 'call':
      return callPlan(expression, window);
    case 'share':
      return sharePlan(expression, window);
    case 'operation':
      return operationPlan(expression, window);
  }
}

function selectorPlan(selector: Selector, window: Window): Plan {
  const { metric, span } = selector;
  if (metric.form !== 'count') {
    const what = metric.form === 'durations' ? 'durations' : 'a value that changes';
    const hint = metric.form === 'durations' ? 'p99(…), mean(…), max(…)' : 'mean(…), max(…)';
    throw new QueryError('MS0304', `${metric.name} is ${what}: ask for one number`, span, hint);
  }
  return {
    dimension: 'count',
    isGrowing: true,
    isEstimable: true,
    attach: (recorder) => {
      const accumulator = recorder.accumulate(requestFor(selector, window, false));
      return () => countReading(accumulator);
    },
  };
}

function countReading({ count }: Accumulator): Reading {
  return { value: count, count, sample: { kind: 'count', count } };
}

function sharePlan(expression: Extract<Expression, { kind: 'share' }>, window: Window): Plan {
  for (const part of [expression.part, expression.whole]) {
    if (planOf(part, window).dimension !== 'count') {
      throw new QueryError('MS0304', 'share(A of B) is a share of counts', part.span);
    }
  }
  const { part: left, whole: right, span } = expression;
  return operationPlan({ kind: 'operation', operator: '/', left, right, span }, window);
}

function operationPlan(
  expression: Extract<Expression, { kind: 'operation' }>,
  window: Window,
): Plan {
  const { operator, span } = expression;
  const left = planOf(expression.left, window);
  const right = planOf(expression.right, window);
  return {
    dimension: combinedDimension(operator, left.dimension, right.dimension, span),
    isGrowing: operator === '+' && left.isGrowing && right.isGrowing,
    isEstimable: operator === '/' && left.dimension === 'count' && right.dimension === 'count',
    attach: (recorder) => {
      const leftMeter = left.attach(recorder);
      const rightMeter = right.attach(recorder);
      return (nowNs) => combinedReading(operator, leftMeter(nowNs), rightMeter(nowNs));
    },
  };
}

function callPlan(call: Extract<Expression, { kind: 'call' }>, window: Window): Plan {
  const { argument } = call;
  if (argument.kind === 'selector') {
    if (argument.metric.form === 'durations') return durationsPlan(call, argument, window);
    if (argument.metric.form === 'gauge') return gaugePlan(call.name, argument, call.span, window);
  }
  const inner = planOf(argument, window);
  if (call.name === 'count' && inner.dimension === 'count') return inner;
  if (call.name === 'rate' && inner.dimension === 'count') return ratePlan(inner, window);
  const wanted = call.name === 'count' || call.name === 'rate' ? 'a count' : 'latency or a gauge';
  throw new QueryError('MS0304', `${nameOf(call)} is of ${wanted}`, argument.span);
}

function nameOf({ name, quantile }: Extract<Expression, { kind: 'call' }>): string {
  return name === 'quantile' ? `a percentile (${quantile})` : name;
}

function ratePlan(inner: Plan, window: Window): Plan {
  const seconds = (Math.min(window.toNs, window.durationNs) - window.fromNs) / 1e9;
  return {
    dimension: 'rate',
    isGrowing: true,
    isEstimable: false,
    attach: (recorder) => {
      const meter = inner.attach(recorder);
      return (nowNs) => {
        const { value, count } = meter(nowNs);
        return { value: seconds > 0 ? value / seconds : Number.NaN, count, sample: undefined };
      };
    },
  };
}

function durationsPlan(
  call: Extract<Expression, { kind: 'call' }>,
  selector: Selector,
  window: Window,
): Plan {
  const { name, quantile } = call;
  const isCount = name === 'count' || name === 'rate';
  const attach = (recorder: RunRecorder): Meter => {
    const accumulator = recorder.accumulate(requestFor(selector, window, !isCount));
    return () => (isCount ? countReading(accumulator) : durationsReading(accumulator, call));
  };
  const count: Plan = { dimension: 'count', isGrowing: true, isEstimable: true, attach };
  if (name === 'count') return count;
  if (name === 'rate') return ratePlan(count, window);
  const isGrowing = name === 'max' || quantile === 1;
  return { dimension: 'duration', isGrowing, isEstimable: name === 'mean', attach };
}

function durationsReading(
  { count, histogram, batches }: Accumulator,
  { name, quantile }: Extract<Expression, { kind: 'call' }>,
): Reading {
  if (count === 0) return { value: Number.NaN, count, sample: undefined };
  if (name === 'mean') {
    const sample = { kind: 'mean', count, batchMeans: batches!.means } as const;
    return { value: histogram!.mean, count, sample };
  }
  const value = histogram!.valueAt(name === 'max' ? 1 : quantile!);
  return { value, count, sample: undefined };
}

function gaugePlan(name: FunctionName, selector: Selector, span: Span, window: Window): Plan {
  if (name !== 'mean' && name !== 'max') {
    throw new QueryError('MS0304', `of a gauge there are mean and max`, span);
  }
  const toNs = Math.min(window.toNs, window.durationNs);
  return {
    dimension: 'number',
    isGrowing: name === 'max',
    isEstimable: false,
    attach: (recorder) => {
      const sum = recorder.accumulateGauges(requestFor(selector, { ...window, toNs }, false));
      return (nowNs) => gaugeReading(name, sum, nowNs);
    },
  };
}

function gaugeReading(
  name: 'mean' | 'max',
  { window, rowCount }: GaugeSum,
  nowNs: number,
): Reading {
  const mean = window.mean(nowNs); // Brings the maximum up to date, too.
  const value = rowCount === 0 ? Number.NaN : name === 'mean' ? mean : window.max;
  return { value, count: undefined, sample: undefined };
}

function requestFor(
  { metric, matchers }: Selector,
  { fromNs, toNs }: { readonly fromNs: number; readonly toNs: number },
  durations: boolean,
): AccumulatorRequest {
  return {
    kinds: rowKindsOf(metric, matchers),
    matches: (rows, row) => rowMatches(matchers, rows, row),
    fromNs,
    toNs,
    durations,
  };
}
