import type { RunView } from '#report/run-view.ts';

/** The arrays of a view: they change hands instead of being copied. Sampled requests stay readable. */
export function transferablesOf(view: RunView): Transferable[] {
  return [
    ...view.flows.map(({ counts }) => counts.buffer as ArrayBuffer),
    ...view.latencies.flatMap(({ p50, p90, p99, heat }) =>
      [p50, p90, p99, ...(heat === undefined ? [] : [heat])].map(
        ({ buffer }) => buffer as ArrayBuffer,
      ),
    ),
    ...view.gauges.flatMap(({ mean, max }) =>
      [mean, max].map(({ buffer }) => buffer as ArrayBuffer),
    ),
  ];
}
