import { HEAT_BINS, HEAT_LEAST_MS, HEAT_PER_DECADE, type RunView } from '#report/run-view.ts';
import { requestKey } from '../engine/protocol.ts';
import { isFailure, sumIn, wholeOf } from '../state/flow-sums.ts';
import { msText, outcomeText } from '../state/formats.ts';
import { page } from '../state/page-state.ts';
import {
  type LaneContext,
  type LaneModel,
  type LimitLine,
  type LinePoint,
  type Series,
  upToFront,
  valueAt,
} from './lane-model.ts';
import { minus } from './traffic-lanes.ts';

/** The client whose latency is looked at: the selected one, else the one that sends most. */
function shownClient(view: RunView, wanted: string | undefined) {
  const clients = view.latencies.filter(({ kind }) => kind === 'client');
  const chosen = clients.find(({ of }) => of === wanted);
  if (chosen !== undefined) return chosen;
  const requestsOf = (client: string) =>
    sumIn(
      view.flows.filter((flow) => flow.client === client),
      wholeOf(view),
    );
  const counted = clients.map((client) => ({ client, count: requestsOf(client.of) }));
  return counted.sort((a, b) => b.count - a.count)[0]?.client;
}

/** What an expectation asks of the p99, as a line. */
function expectedLimits(view: RunView): readonly LimitLine[] {
  const found = view.expectations.find(
    ({ name, wanted, bounds }) =>
      /p99/.test(name) && /^[<≤]/.test(wanted) && bounds[0] !== undefined,
  );
  const value = (found?.bounds[0] ?? 0) / 1e6;
  if (found === undefined || value === 0) return [];
  return [{ value, label: `expected ${found.wanted}`, colour: 'var(--text)' }];
}

export interface LatencyContext extends LaneContext {
  readonly isLinear: boolean;
}

export function latencyLane(context: LatencyContext): LaneModel {
  const { view, former, selection, isLinear } = context;
  const client = shownClient(view, selection.client);
  if (client === undefined) return emptyLatency('latency', 'Latency');
  const before = former?.latencies.find(({ kind, of }) => kind === 'client' && of === client.of);
  const line = (name: string, values: Float64Array, whole: number, isThin: boolean): Series => ({
    name,
    values: upToFront(view, values),
    colour: isThin ? 'var(--muted)' : 'var(--text)',
    label: `${name} ${msText(whole)}`,
    isThin,
  });
  const { p50, p90, p99, whole } = client;
  const series: readonly Series[] =
    before === undefined
      ? [
          line('p99', p99, whole.p99, false),
          { ...line('p90', p90, whole.p90, true), fill: { colour: 'var(--muted)', to: p50 } },
          line('p50', p50, whole.p50, true),
        ]
      : [
          { ...line('p99 A', before.p99, before.whole.p99, false), label: 'p99 A' },
          { ...line('p99 B', p99, whole.p99, false), isFormer: true, label: 'p99 B' },
          { ...line('p50 A', before.p50, before.whole.p50, true), label: 'p50 A' },
          { ...line('p50 B', p50, whole.p50, true), isFormer: true, label: 'p50 B' },
        ];
  return {
    id: 'latency',
    title: `Latency of ${client.of}`,
    reading: (atNs) => {
      const at = (values: Float64Array) => msText(valueAt(view, values, atNs));
      return [
        { text: 'p50 ' },
        { text: at(p50), isStrong: true },
        { text: ' · p90 ' },
        { text: at(p90), isStrong: true },
        { text: ' · p99 ' },
        { text: at(p99), isStrong: true },
      ];
    },
    summary: `Latency of ${client.of}: p50 ${msText(whole.p50)}, p90 ${msText(whole.p90)}, p99 ${msText(whole.p99)}.`,
    plot: {
      kind: 'lines',
      isLog: !isLinear,
      series,
      limits: expectedLimits(view),
      points: before === undefined ? pointsOf(view, client.of) : [],
      tick: tickOfMs,
      unit: 'ms',
      ...(before === undefined
        ? {}
        : { difference: { values: minus(p99, before.p99), good: -1 as const, unit: 'ms' } }),
    },
  };
}

/** The sampled requests of a client. */
function pointsOf(view: RunView, client: string): readonly LinePoint[] {
  return view.requests
    .filter((request) => request.client === client)
    .map((request) => {
      const ms = (request.endNs - request.intendedNs) / 1e6;
      return {
        atNs: request.intendedNs,
        value: ms,
        isBad: isFailure(request),
        says: `${outcomeText(request.code, request.flags)} after ${msText(ms)}`,
        select: () => page.set({ openRequest: requestKey(request) }),
      };
    });
}

/** How many requests took how long, by time. */
export function heatLane({ view, selection }: LaneContext): LaneModel {
  const client = shownClient(view, selection.client);
  const heat = client?.heat;
  if (client === undefined || heat === undefined) return emptyLatency('heat', 'Latency heatmap');
  const lowerMs = (bin: number) => HEAT_LEAST_MS * 10 ** (bin / HEAT_PER_DECADE);
  const { whole } = client;
  return {
    id: 'heat',
    title: `Latency heatmap of ${client.of}`,
    reading: (atNs) => {
      const bucket = Math.min(
        view.bucketCount - 1,
        Math.max(0, Math.ceil(atNs / view.bucketNs) - 1),
      );
      const own = heat.subarray(bucket * HEAT_BINS, (bucket + 1) * HEAT_BINS);
      const count = own.reduce((sum, one) => sum + one, 0);
      const slowest = own.findLastIndex((one) => one > 0);
      return [
        { text: String(count), isStrong: true },
        {
          text:
            count === 0 ? ' requests' : ` requests, slowest below ${msText(lowerMs(slowest + 1))}`,
        },
      ];
    },
    summary: `How long requests of ${client.of} took, by time: half of them up to ${msText(whole.p50)}, 99% up to ${msText(whole.p99)}.`,
    plot: {
      kind: 'heat',
      counts: heat,
      bins: HEAT_BINS,
      lowerOf: lowerMs,
      tick: msText,
      limits: expectedLimits(view),
    },
  };
}

function tickOfMs(ms: number): string {
  if (ms >= 1000) return `${ms / 1000}s`;
  return String(Number(ms.toPrecision(3)));
}

function emptyLatency(id: string, title: string): LaneModel {
  return {
    id,
    title,
    reading: () => [],
    summary: 'Nothing has ended yet.',
    plot: { kind: 'lines', series: [], limits: [], tick: msText },
  };
}
