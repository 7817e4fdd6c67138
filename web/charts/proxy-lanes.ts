import type { RunView, ViewEjection, ViewGauge } from '#report/run-view.ts';
import { grouped, sumIn, wholeOf } from '../state/flow-sums.ts';
import { clusterText, msText, shortNumber } from '../state/formats.ts';
import { select } from '../state/selecting.ts';
import {
  type LaneContext,
  type LaneModel,
  type LimitLine,
  type Series,
  type SpanRow,
  upToFront,
  valueAt,
} from './lane-model.ts';
import { minus } from './traffic-lanes.ts';

const MAX_ROWS = 6;

export function ejectionsLane({ view, former, cursorNs }: LaneContext): LaneModel {
  const now = view.ejections.filter((one) => isOut(one, cursorNs));
  const names = [...new Set(now.map(({ host }) => host.replace(/:\d+$/, '')))];
  const all = [
    ...view.ejections.map((ejection) => ({ ejection, isFormer: false, run: view })),
    ...(former?.ejections ?? []).map((ejection) => ({ ejection, isFormer: true, run: former! })),
  ];
  const rows = [...grouped(all, ({ ejection }) => ejection.host)].map(([host, found]): SpanRow => {
    const proxies = [...new Set(found.map(({ ejection }) => ejection.proxy))];
    return {
      name: host.replace(/:\d+$/, ''),
      note: found[0]!.ejection.pod,
      spans: found.map(({ ejection, isFormer, run }) => ({
        fromNs: ejection.fromNs,
        toNs: ejection.toNs ?? Math.min(run.frontNs, run.durationNs),
        track: proxies.indexOf(ejection.proxy),
        label: ejection.proxy,
        isFormer,
      })),
      select: () => select({ endpoint: host }),
    };
  });
  const more = rows.length - MAX_ROWS;
  const count = view.ejections.length;
  return {
    id: 'ejections',
    title: 'Ejections',
    reading:
      former !== undefined
        ? [{ text: 'B bar, A line' }]
        : names.length === 0
          ? [{ text: count === 0 ? 'none in this run' : 'none out now' }]
          : [{ text: 'now out: ' }, { text: names.slice(0, 2).join(', '), isStrong: true }],
    summary:
      count === 0 ? 'No endpoint was ejected.' : `${count} ejections of ${rows.length} endpoints.`,
    plot: {
      kind: 'spans',
      rows: rows.slice(0, MAX_ROWS),
      rest:
        rows.length === 0
          ? 'no endpoint was ever out'
          : more > 0
            ? `and ${more} more endpoints`
            : '',
    },
  };
}

function isOut({ fromNs, toNs }: ViewEjection, atNs: number): boolean {
  return fromNs <= atNs && (toNs === undefined || toNs > atNs);
}

export function latencyLane({ view, former, cursorNs }: LaneContext): LaneModel {
  const clients = view.latencies.filter(({ kind }) => kind === 'client');
  // The client that sends most is the one that is looked at.
  const requestsOf = (client: string) =>
    sumIn(
      view.flows.filter((flow) => flow.client === client),
      wholeOf(view),
    );
  const busiest = [...clients].sort((a, b) => requestsOf(b.of) - requestsOf(a.of))[0];
  const before = former?.latencies.find(({ kind, of }) => kind === 'client' && of === busiest?.of);
  if (busiest === undefined) return emptyLatency();
  const limit = view.expectations
    .filter(({ name, wanted }) => /p99/.test(name) && /^[<≤]/.test(wanted))
    .map(({ bounds, wanted }) => ({ value: (bounds[0] ?? 0) / 1e6, label: wanted }))[0];
  const at = (values: Float64Array) => msText(valueAt(view, values, cursorNs));
  const ink = (name: string, values: Float64Array, whole: number, isThin: boolean): Series => ({
    name,
    values: upToFront(view, values),
    colour: isThin ? 'var(--muted)' : 'var(--text)',
    label: `${name} ${msText(whole)}`,
    isThin,
  });
  const { p50, p90, p99, whole } = busiest;
  const series = [
    ink('p99', p99, whole.p99, false),
    ...(before === undefined
      ? [{ ...ink('p90', p90, whole.p90, true), fill: { colour: 'var(--muted)', to: p50 } }]
      : []),
    ink('p50', p50, whole.p50, true),
  ];
  const compared =
    before === undefined
      ? series
      : [
          { ...ink('p99 A', before.p99, before.whole.p99, false), label: 'p99 A' },
          { ...ink('p99 B', p99, whole.p99, false), isFormer: true, label: 'B' },
          { ...ink('p50 A', before.p50, before.whole.p50, true), label: 'p50 A' },
          { ...ink('p50 B', p50, whole.p50, true), isFormer: true, label: 'B' },
        ];
  return {
    id: 'latency',
    title: `Latency of ${busiest.of}`,
    reading: [
      { text: 'p50 ' },
      { text: at(p50), isStrong: true },
      { text: ' · p90 ' },
      { text: at(p90), isStrong: true },
      { text: ' · p99 ' },
      { text: at(p99), isStrong: true },
    ],
    summary: `Latency of ${busiest.of}: p50 ${msText(whole.p50)}, p90 ${msText(whole.p90)}, p99 ${msText(whole.p99)}.`,
    plot: {
      kind: 'lines',
      isLog: true,
      series: compared,
      limits:
        limit === undefined || limit.value === 0
          ? []
          : [{ value: limit.value, label: `expected ${limit.label}`, colour: 'var(--text)' }],
      tick: msText,
      ...(before === undefined
        ? {}
        : { difference: { values: minus(p99, before.p99), good: -1 as const, unit: 'ms' } }),
    },
  };
}

function emptyLatency(): LaneModel {
  return {
    id: 'latency',
    title: 'Latency',
    reading: [],
    summary: 'Nothing has ended yet.',
    plot: { kind: 'lines', series: [], limits: [], tick: msText },
  };
}

/** The pool that came nearest to a limit; without limits the one that was used most. */
export function poolLane({ view, former, cursorNs }: LaneContext): LaneModel {
  const pools = [
    ...grouped(
      view.gauges.filter(({ kind }) => kind !== 'queue'),
      ({ proxy, cluster }) => `${proxy} ${cluster}`,
    ).values(),
  ];
  const pool = pools.sort((a, b) => pressure(b) - pressure(a))[0];
  if (pool === undefined) return emptyPool();
  const { proxy, cluster } = pool[0]!;
  const of = (kind: ViewGauge['kind'], run = view) =>
    run.gauges.find((one) => one.kind === kind && one.proxy === proxy && one.cluster === cluster);
  const inflight = of('inflight');
  const pending = of('pending');
  const connections = of('connections');
  const at = (gauge: ViewGauge | undefined) =>
    gauge === undefined ? '0' : shortNumber(valueAt(view, gauge.mean, cursorNs));
  const line = (
    gauge: ViewGauge | undefined,
    name: string,
    colour: string,
    ink: string,
  ): Series[] =>
    gauge === undefined
      ? []
      : [
          {
            name,
            colour,
            ink,
            values: upToFront(view, padded(gauge.mean, view.bucketCount)),
            label: name,
            isFormer: former !== undefined,
            ...(name === 'pending' ? { fill: { colour } } : {}),
          },
        ];
  const before = (kind: ViewGauge['kind'], colour: string): Series[] => {
    const gauge = former === undefined ? undefined : of(kind, former);
    if (gauge === undefined) return [];
    return [{ name: `A ${kind}`, colour, label: '', values: padded(gauge.mean, view.bucketCount) }];
  };
  const limits: LimitLine[] = [
    limitOf(connections, 'conns', 'var(--text)'),
    limitOf(pending, 'pending', 'var(--failing)'),
    limitOf(inflight, 'requests', 'var(--text)'),
  ].flatMap((limit) => (limit === undefined ? [] : [limit]));
  return {
    id: 'pool',
    title: `Pool of ${proxy} → ${clusterText(cluster)}`,
    reading: [
      { text: 'in flight ' },
      { text: at(inflight), isStrong: true },
      { text: ' · pending ' },
      { text: at(pending), isStrong: true },
    ],
    summary: `Requests in flight and pending at ${proxy} towards ${clusterText(cluster)}.`,
    plot: {
      kind: 'lines',
      series: [
        ...before('pending', 'var(--failing)'),
        ...before('inflight', 'var(--s5)'),
        ...line(pending, 'pending', 'var(--failing)', 'var(--failing)'),
        ...line(inflight, 'in flight', 'var(--s5)', 'var(--s5-ink)'),
        ...line(connections, 'connections', 'var(--s8)', 'var(--muted)').map((one) => ({
          ...one,
          isThin: true,
        })),
      ],
      limits,
      tick: shortNumber,
    },
  };
}

function limitOf(
  gauge: ViewGauge | undefined,
  name: string,
  colour: string,
): LimitLine | undefined {
  // A limit far above all values would press them flat.
  if (gauge?.limit === undefined || gauge.limit > 8 * Math.max(1, ...gauge.max)) return undefined;
  return { value: gauge.limit, label: `${gauge.limit} ${name}`, colour };
}

function pressure(pool: readonly ViewGauge[]): number {
  const most = (gauge: ViewGauge) => gauge.max.reduce((best, value) => Math.max(best, value), 0);
  const nearest = Math.max(
    ...pool.map((gauge) => (gauge.limit === undefined ? 0 : most(gauge) / gauge.limit)),
  );
  return nearest * 1e6 + Math.max(...pool.map(most));
}

function padded(values: Float64Array, length: number): Float64Array {
  if (values.length === length) return values;
  const whole = new Float64Array(length).fill(Number.NaN);
  whole.set(values.subarray(0, length));
  return whole;
}

function emptyPool(): LaneModel {
  return {
    id: 'pool',
    title: 'Connection pools',
    reading: [],
    summary: 'No pool was used.',
    plot: { kind: 'lines', series: [], limits: [], tick: shortNumber },
  };
}

const MAX_LINES = 6;
const COLOURS = ['s1', 's4', 's3', 's5', 's8', 's7'];

export function connectionsLane({ view }: LaneContext): LaneModel {
  return gaugeLane(
    view,
    'connections',
    'Connections',
    ({ proxy, cluster }) => `${proxy} → ${clusterText(cluster)}`,
  );
}

export function queueLane({ view }: LaneContext): LaneModel {
  return gaugeLane(view, 'queue', 'Queue per pod', ({ pod }) => pod);
}

function gaugeLane(
  view: RunView,
  kind: ViewGauge['kind'],
  title: string,
  nameOf: (gauge: ViewGauge) => string,
): LaneModel {
  const gauges = view.gauges
    .filter((gauge) => gauge.kind === kind)
    .sort((a, b) => Math.max(...b.mean) - Math.max(...a.mean))
    .slice(0, MAX_LINES);
  const series = gauges.map(
    (gauge, index): Series => ({
      name: nameOf(gauge),
      values: padded(gauge.mean, view.bucketCount),
      colour: `var(--${COLOURS[index]})`,
      label: nameOf(gauge),
    }),
  );
  return {
    id: kind,
    title,
    reading: [],
    summary: `${title}: ${series.map(({ name }) => name).join(', ') || 'none'}.`,
    plot: { kind: 'lines', series, limits: [], tick: shortNumber },
  };
}
