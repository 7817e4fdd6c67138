import type { RunView, ViewFlow, ViewGauge, ViewLatency } from './run-view.ts';

/** A run as JSON for the HTML report: arrays of numbers, null where there is none. */
export function runViewJson(view: RunView): string {
  return JSON.stringify(view, (_, value: unknown) =>
    value instanceof Float64Array
      ? Array.from(value, (number) => (Number.isNaN(number) ? null : rounded(number)))
      : value,
  );
}

/** Four digits are more than a chart shows. */
function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}

type Plain<T> = {
  readonly [Key in keyof T]: NonNullable<T[Key]> extends Float64Array
    ? readonly (number | null)[]
    : T[Key];
};
type PlainRunView = Omit<RunView, 'flows' | 'latencies' | 'gauges'> & {
  readonly flows: readonly Plain<ViewFlow>[];
  readonly latencies: readonly Plain<ViewLatency>[];
  readonly gauges: readonly Plain<ViewGauge>[];
};

/** What `runViewJson` has written. */
export function runViewOfJson(text: string): RunView {
  const plain = JSON.parse(text) as PlainRunView; // Our own file: written by `runViewJson`.
  const array = (values: readonly (number | null)[]) =>
    Float64Array.from(values, (value) => value ?? Number.NaN);
  return {
    ...plain,
    flows: plain.flows.map((flow) => ({ ...flow, counts: array(flow.counts) })),
    latencies: plain.latencies.map(({ heat, ...one }) => ({
      ...one,
      p50: array(one.p50),
      p90: array(one.p90),
      p99: array(one.p99),
      ...(heat === undefined ? {} : { heat: array(heat) }),
    })),
    gauges: plain.gauges.map((one) => ({ ...one, mean: array(one.mean), max: array(one.max) })),
  };
}
