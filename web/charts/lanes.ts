import type { LaneContext, LaneModel } from './lane-model.ts';
import { connectionsLane, ejectionsLane, latencyLane, poolLane, queueLane } from './proxy-lanes.ts';
import {
  amplificationLane,
  codesLane,
  loadLane,
  rateLane,
  splitLane,
  successLane,
} from './traffic-lanes.ts';

/** Every lane there is, by id, with the name under which it is chosen. */
export const LANES: ReadonlyMap<
  string,
  { readonly name: string; readonly model: (context: LaneContext) => LaneModel }
> = new Map([
  ['split', { name: 'Traffic by version', model: splitLane }],
  ['codes', { name: 'Codes and flags', model: codesLane }],
  ['ejections', { name: 'Ejections', model: ejectionsLane }],
  ['latency', { name: 'Latency percentiles', model: latencyLane }],
  ['pool', { name: 'Pool against its limits', model: poolLane }],
  ['load', { name: 'Offered, attempted, goodput', model: loadLane }],
  ['success', { name: 'Success rate', model: successLane }],
  ['rate', { name: 'Rate by version', model: rateLane }],
  ['connections', { name: 'Connections', model: connectionsLane }],
  ['amplification', { name: 'Attempts per request', model: amplificationLane }],
  ['queue', { name: 'Queue per pod', model: queueLane }],
]);
