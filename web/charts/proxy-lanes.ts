import type { RunView, ViewEjection, ViewGauge } from '#report/run-view.ts';
import { edgeFlows, grouped } from '../state/flow-sums.ts';
import { clusterText, shortNumber } from '../state/formats.ts';
import type { Selection } from '../state/page-state.ts';
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

const MAX_ROWS = 6;

export function ejectionsLane({ view, former }: LaneContext): LaneModel {
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
    reading: (atNs) => {
      if (former !== undefined) return [{ text: 'B bar, A line' }];
      const now = view.ejections.filter((one) => isOut(one, atNs));
      const names = [...new Set(now.map(({ host }) => host.replace(/:\d+$/, '')))];
      return names.length === 0
        ? [{ text: count === 0 ? 'none in this run' : 'none out now' }]
        : [{ text: 'now out: ' }, { text: names.slice(0, 2).join(', '), isStrong: true }];
    },
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

export interface PoolContext extends LaneContext {
  /** `proxy cluster`; '' = the one that matters. */
  readonly pool: string;
}

/** All pools by `proxy cluster`, those under most pressure first. */
export function poolNames(view: RunView): readonly string[] {
  return poolsOf(view).map(keyOfPool);
}

function poolsOf(view: RunView): readonly (readonly ViewGauge[])[] {
  const known = sortedPools.get(view);
  if (known !== undefined) return known;
  const gauges = view.gauges.filter(({ proxy }) => proxy !== '');
  const pools = [...grouped(gauges, ({ proxy, cluster }) => `${proxy} ${cluster}`).values()];
  const weighed = pools.map((pool) => ({ pool, weight: pressure(pool) }));
  const sorted = weighed.sort((a, b) => b.weight - a.weight).map(({ pool }) => pool);
  sortedPools.set(view, sorted);
  return sorted;
}

const sortedPools = new WeakMap<RunView, readonly (readonly ViewGauge[])[]>();

function keyOfPool(pool: readonly ViewGauge[]): string {
  return `${pool[0]!.proxy} ${pool[0]!.cluster}`;
}

/** The chosen pool; else of those on the selected edge, or of all, the one that came nearest to a limit. */
function poolOf(view: RunView, { from, to }: Selection, chosen: string) {
  const pools = poolsOf(view);
  const named = pools.find((pool) => keyOfPool(pool) === chosen);
  if (named !== undefined) return named;
  const clusters = new Set(
    edgeFlows(view).flatMap(({ edge, cluster }) => {
      const ends = view.edges[edge]!;
      const isOn = (from ?? ends.from) === ends.from && (to === ends.to || to === ends.service);
      return isOn ? [cluster] : [];
    }),
  );
  return pools.find((pool) => clusters.has(pool[0]!.cluster)) ?? pools[0];
}

export function poolLane({ view, former, selection, pool: chosen }: PoolContext): LaneModel {
  const pool = poolOf(view, selection, chosen);
  if (pool === undefined) return emptyPool();
  const { proxy, cluster } = pool[0]!;
  const gaugeOf = (kind: ViewGauge['kind'], run = view) =>
    run.gauges.find((one) => one.kind === kind && one.proxy === proxy && one.cluster === cluster);
  const inflight = gaugeOf('inflight');
  const pending = gaugeOf('pending');
  const connections = gaugeOf('connections');
  const at = (gauge: ViewGauge | undefined, atNs: number) =>
    gauge === undefined ? '0' : shortNumber(valueAt(view, gauge.mean, atNs));
  const of = (gauge: ViewGauge | undefined) =>
    gauge?.limit === undefined ? '' : `/${shortNumber(gauge.limit)}`;
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
    const gauge = former === undefined ? undefined : gaugeOf(kind, former);
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
    reading: (atNs) => [
      { text: 'in flight ' },
      { text: at(inflight, atNs), isStrong: true },
      { text: `${of(inflight)} · pending ` },
      { text: at(pending, atNs), isStrong: true },
      { text: `${of(pending)} · conns ` },
      { text: at(connections, atNs), isStrong: true },
      { text: of(connections) },
    ],
    summary: `Requests in flight and pending at ${proxy} towards ${clusterText(cluster)}.`,
    plot: {
      kind: 'lines',
      series: [
        ...before('pending', 'var(--failing)'),
        ...before('inflight', 'var(--s5)'),
        ...line(pending, 'pending', 'var(--failing)', 'var(--failing)'),
        ...line(inflight, 'in flight', 'var(--s5)', 'var(--s5-ink)'),
        ...line(connections, 'conns', 'var(--s8)', 'var(--muted)').map((one) => ({
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
  if (gauge?.limit === undefined || gauge.limit > 8 * Math.max(1, mostOf(gauge.max)))
    return undefined;
  return { value: gauge.limit, label: `${gauge.limit} ${name}`, colour };
}

function pressure(pool: readonly ViewGauge[]): number {
  const nearest = Math.max(
    ...pool.map((gauge) => (gauge.limit === undefined ? 0 : mostOf(gauge.max) / gauge.limit)),
  );
  return nearest * 1e6 + Math.max(...pool.map(({ max }) => mostOf(max)));
}

function mostOf(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
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
    reading: () => [],
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
    .sort((a, b) => mostOf(b.mean) - mostOf(a.mean))
    .slice(0, MAX_LINES);
  const series = gauges.map(
    (gauge, index): Series => ({
      name: nameOf(gauge),
      values: upToFront(view, padded(gauge.mean, view.bucketCount)),
      colour: `var(--${COLOURS[index]})`,
      label: nameOf(gauge),
    }),
  );
  return {
    id: kind,
    title,
    reading: (atNs) =>
      series
        .slice(0, 2)
        .flatMap(({ name, values }, index) => [
          { text: `${index === 0 ? '' : ' · '}${name} ` },
          { text: shortNumber(valueAt(view, values, atNs)), isStrong: true },
        ]),
    summary: `${title}: ${series.map(({ name }) => name).join(', ') || 'none'}.`,
    plot: { kind: 'lines', series, limits: [], tick: shortNumber },
  };
}
