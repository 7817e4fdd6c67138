import type { RunView } from '#report/run-view.ts';
import type { ChartState } from './chart-state.ts';
import type { LaneContext, LaneModel } from './lane-model.ts';
import { heatLane, latencyLane } from './latency-lanes.ts';
import { connectionsLane, ejectionsLane, poolLane, queueLane } from './proxy-lanes.ts';
import {
  amplificationLane,
  codesLane,
  loadLane,
  rateLane,
  splitLane,
  successLane,
} from './traffic-lanes.ts';

/** What a lane is made from, the choices of its reader included. */
export type LaneRequest = LaneContext & Pick<ChartState, 'isLinear' | 'pool'>;

/** Every lane there is, by id, with the name under which it is chosen. */
export const LANES: ReadonlyMap<
  string,
  { readonly name: string; readonly model: (request: LaneRequest) => LaneModel }
> = new Map([
  ['split', { name: 'Traffic by version', model: splitLane }],
  ['codes', { name: 'Codes and flags', model: codesLane }],
  ['ejections', { name: 'Ejections', model: ejectionsLane }],
  ['latency', { name: 'Latency percentiles', model: latencyLane }],
  ['heat', { name: 'Latency heatmap', model: heatLane }],
  ['pool', { name: 'Pool against its limits', model: poolLane }],
  ['load', { name: 'Offered, attempted, goodput', model: loadLane }],
  ['success', { name: 'Success rate', model: successLane }],
  ['rate', { name: 'Rate by version', model: rateLane }],
  ['connections', { name: 'Connections', model: connectionsLane }],
  ['amplification', { name: 'Attempts per request', model: amplificationLane }],
  ['queue', { name: 'Queue per pod', model: queueLane }],
]);

/** Nothing happened that it could show: it needs no more than its caption. */
export function isBareLane({ plot }: LaneModel, view: RunView): boolean {
  if (!view.isOver) return false;
  if (plot.kind === 'shares') return plot.series.length === 0;
  return plot.kind === 'spans' && plot.rows.length === 0;
}
