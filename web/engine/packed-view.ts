import type { RunView } from '#report/run-view.ts';

/**
 * The same view with all its series one after the other in one buffer, which changes hands instead of being
 * copied. A large mesh has tens of thousands of series: with a buffer each, taking them over is a long task.
 */
export function packedView(view: RunView): {
  readonly view: RunView;
  readonly buffer: ArrayBuffer;
} {
  const room = new Float64Array(lengthOf(view));
  let length = 0;
  const keep = (values: Float64Array) => {
    room.set(values, length);
    length += values.length;
    return room.subarray(length - values.length, length);
  };
  const packed = {
    ...view,
    flows: view.flows.map((one) => ({ ...one, counts: keep(one.counts) })),
    latencies: view.latencies.map(({ heat, ...one }) => ({
      ...one,
      p50: keep(one.p50),
      p90: keep(one.p90),
      p99: keep(one.p99),
      ...(heat === undefined ? {} : { heat: keep(heat) }),
    })),
    gauges: view.gauges.map((one) => ({ ...one, mean: keep(one.mean), max: keep(one.max) })),
  };
  return { view: packed, buffer: room.buffer };
}

function lengthOf({ flows, latencies, gauges }: RunView): number {
  let length = 0;
  for (const { counts } of flows) length += counts.length;
  for (const { p50, p90, p99, heat } of latencies)
    length += p50.length + p90.length + p99.length + (heat?.length ?? 0);
  for (const { mean, max } of gauges) length += mean.length + max.length;
  return length;
}
