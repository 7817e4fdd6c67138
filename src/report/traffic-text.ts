import type { RunResult, TrafficResult } from '#scenario/run-result.ts';
import { durationText, rateText, ratioText, shareText } from './format.ts';
import type { TextStyle } from './text-style.ts';
import { alignedLines } from './text-table.ts';

export const DEFAULT_PERCENTILES: readonly number[] = [0.5, 0.9, 0.99, 0.999];

export interface TrafficOptions {
  readonly style: TextStyle;
  readonly percentiles: readonly number[];
  readonly showsMax: boolean;
}

/**
 * The table of clients and edges: requests, rate, success as on Istio's dashboards (no 5xx), the
 * share of 4xx where there are any, latency from the intended send time, attempts per request.
 */
export function trafficLines(result: RunResult, options: TrafficOptions): readonly string[] {
  const { style, percentiles, showsMax } = options;
  const all = [...result.clients, ...result.edges];
  if (all.length === 0) return [];
  const shows4xx = all.some(({ share4xx }) => share4xx > 0);
  const heading = [
    'TRAFFIC',
    'requests',
    'rate',
    'success',
    ...(shows4xx ? ['4xx'] : []),
    ...percentiles.map(percentileName),
    ...(showsMax ? ['max'] : []),
    'attempts/req',
  ];
  const rows = all.map((traffic) => [
    `  ${nameOf(traffic, style)}`,
    ...cellsOf(traffic, options, shows4xx),
  ]);
  const minWidths = [12, 9, 6, 7, ...(shows4xx ? [5] : []), ...percentiles.map(() => 5)];
  const [head, ...lines] = alignedLines([heading, ...rows], { gap: 3, minWidths });
  return [style.strong(head!), ...lines];
}

function nameOf({ name }: TrafficResult, style: TextStyle): string {
  return name.replaceAll('→', style.glyphs.arrow);
}

function cellsOf(
  {
    requestCount,
    ratePerSecond,
    successShare,
    share4xx,
    latency,
    attemptsPerRequest,
  }: TrafficResult,
  { percentiles, showsMax }: TrafficOptions,
  shows4xx: boolean,
): readonly string[] {
  return [
    String(requestCount),
    rateText(ratePerSecond),
    shareText(successShare),
    ...(shows4xx ? [shareText(share4xx)] : []),
    ...percentiles.map((percentile) => durationText(latency.valueAt(percentile))),
    ...(showsMax ? [durationText(latency.max)] : []),
    ratioText(attemptsPerRequest),
  ];
}

/** `p50`, `p99.9`. */
function percentileName(percentile: number): string {
  return `p${Number((percentile * 100).toFixed(6))}`;
}
