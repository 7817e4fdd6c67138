import { area, line } from 'd3';
import type { ComponentChildren, JSX } from 'preact';
import { percentText } from '../state/formats.ts';
import { AXIS_LEFT, AXIS_RIGHT, type Scale, spread, valueAxis } from './axis.ts';
import { Heat } from './heat-plot.tsx';
import type {
  BarsPlot,
  LinePoint,
  LinesPlot,
  Plot,
  Series,
  SharesPlot,
  SpansPlot,
} from './lane-model.ts';

/** Where a plot is drawn. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly x: Scale;
  readonly bucketNs: number;
  /** What is shown. */
  readonly fromNs: number;
  readonly toNs: number;
  /** Of the rectangle that keeps marks off the labels at both sides. */
  readonly clip: string;
}

export function drawPlot(plot: Plot, canvas: Canvas): JSX.Element | null {
  if (canvas.height < 30) return null; // Not laid out yet.
  switch (plot.kind) {
    case 'lines':
      return <Lines plot={plot} canvas={canvas} />;
    case 'bars':
      return <Bars plot={plot} canvas={canvas} />;
    case 'shares':
      return <Shares plot={plot} canvas={canvas} />;
    case 'spans':
      return <Spans plot={plot} canvas={canvas} />;
    case 'heat':
      return <Heat plot={plot} canvas={canvas} />;
  }
}

/** Marks inside the axes, whatever time is shown. */
export function Clipped({
  canvas,
  children,
}: {
  readonly canvas: Canvas;
  readonly children: ComponentChildren;
}) {
  return <g clip-path={`url(#${canvas.clip})`}>{children}</g>;
}

export interface PlotProps<P> {
  readonly plot: P;
  readonly canvas: Canvas;
}

/** The buckets that are shown, as far as there are any. */
function shownBuckets({ fromNs, toNs, bucketNs }: Canvas, count: number) {
  const to = Math.min(count, Math.ceil(toNs / bucketNs - 1e-9));
  return { from: Math.max(0, Math.min(to, Math.floor(fromNs / bucketNs + 1e-9))), to };
}

function* shownValues(values: Float64Array, canvas: Canvas): Generator<number> {
  const { from, to } = shownBuckets(canvas, values.length);
  for (let bucket = from; bucket < to; bucket++) yield values[bucket]!;
}

/** The middle of a bucket. */
function middle({ x, bucketNs }: Canvas, bucket: number): number {
  return x((bucket + 0.5) * bucketNs);
}

function linePath(values: Float64Array, canvas: Canvas, y: Scale): string {
  const path = line<number>()
    .defined((value) => Number.isFinite(value))
    .x((_, bucket) => middle(canvas, bucket))
    .y((value) => y(value));
  return path(Array.from(values)) ?? '';
}

function areaPath(low: Float64Array | undefined, high: Float64Array, canvas: Canvas, y: Scale) {
  const isThere = (bucket: number) =>
    Number.isFinite(high[bucket]) && (low === undefined || Number.isFinite(low[bucket]));
  const path = area<number>()
    .defined((_, bucket) => isThere(bucket))
    .x((_, bucket) => middle(canvas, bucket))
    .y0((_, bucket) => y(low === undefined ? 0 : low[bucket]!))
    .y1((value) => y(value));
  return path(Array.from(high)) ?? '';
}

export function Ticks({
  ticks,
  y,
  width,
  tick,
  unit = '',
}: {
  readonly ticks: readonly number[];
  readonly y: Scale;
  readonly width: number;
  readonly tick: (value: number) => string;
  readonly unit?: string;
}): JSX.Element {
  const lowest = Math.min(...ticks);
  // Beside the lowest number where it fits, else below it.
  const isBeside = `${tick(lowest)}${unit}`.length <= 4;
  return (
    <>
      {ticks.map((value) => (
        <g key={value}>
          <path class="g" d={`M${AXIS_LEFT} ${y(value)}H${width - AXIS_RIGHT}`} />
          <text x={AXIS_LEFT - 5} y={y(value) + 3.5} text-anchor="end">
            {tick(value)}
            {value === lowest && isBeside && /\d$/.test(tick(value)) ? unit : ''}
          </text>
        </g>
      ))}
      {!isBeside && unit !== '' && ticks.length > 0 && (
        <text x={AXIS_LEFT - 5} y={y(lowest) + 15} text-anchor="end">
          {unit}
        </text>
      )}
    </>
  );
}

export interface DirectLabel {
  readonly text: string;
  readonly ink: string;
  y: number;
  readonly select?: (() => void) | undefined;
}

const LABEL_GAP = 12;
const MAX_LABEL = 13;

export function Labels({
  labels,
  canvas,
}: {
  readonly labels: readonly DirectLabel[];
  readonly canvas: Canvas;
}) {
  const shown = labels
    .filter(({ text }) => text !== '')
    .slice(0, Math.floor(canvas.height / LABEL_GAP));
  return (
    <>
      {spread(shown, LABEL_GAP, canvas.height).map(({ text, ink, y, select }) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the same filter is a cell of the table.
        <text
          key={text}
          x={canvas.width - AXIS_RIGHT + 6}
          y={y + 3.5}
          style={{ fill: ink, fontWeight: 540, cursor: select === undefined ? '' : 'pointer' }}
          onClick={select}
        >
          {text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL - 1)}…` : text}
          <title>{text}</title>
        </text>
      ))}
    </>
  );
}

/** The last value that is there. */
function lastOf(values: Float64Array, canvas: Canvas): number {
  const { from, to } = shownBuckets(canvas, values.length);
  for (let bucket = to - 1; bucket >= from; bucket--)
    if (Number.isFinite(values[bucket])) return values[bucket]!;
  return 0;
}

function meanOf(values: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const value of values)
    if (Number.isFinite(value)) {
      sum += value;
      count++;
    }
  return count === 0 ? 0 : sum / count;
}

const STRIP = 18;

function Lines({ plot, canvas }: PlotProps<LinesPlot>): JSX.Element {
  const { width } = canvas;
  const height = canvas.height - (plot.difference === undefined ? 0 : STRIP);
  const values = [
    ...plot.series.flatMap((series) => [...shownValues(series.values, canvas)]),
    ...plot.limits.map(({ value }) => value),
  ];
  const tickCount = height < 70 ? 2 : 3;
  const { y, ticks } = valueAxis(values, height, { isLog: plot.isLog === true, tickCount });
  const labels: DirectLabel[] = [
    ...plot.series.map((series) => ({
      text: series.label,
      ink: series.ink ?? series.colour,
      y: y(
        plot.isLog === true
          ? Math.max(meanOf(shownValues(series.values, canvas)), 1e-3)
          : (lastOf(series.values, canvas) + meanOf(shownValues(series.values, canvas))) / 2,
      ),
      select: series.select,
    })),
    ...plot.limits
      .filter(({ label }) => label.length <= MAX_LABEL)
      .map(({ label, colour, value }) => ({ text: label, ink: colour, y: y(value) })),
  ];
  return (
    <>
      <Ticks ticks={ticks} y={y} width={width} tick={plot.tick} unit={plot.unit ?? ''} />
      {plot.limits.map(({ value, colour, label }) => (
        <g key={label}>
          <path
            class="lim"
            style={{ stroke: colour }}
            d={`M${AXIS_LEFT} ${y(value)}H${width - AXIS_RIGHT}`}
          />
          {label.length > MAX_LABEL && (
            <text
              class="limit"
              x={width - AXIS_RIGHT - 3}
              y={y(value) < 14 ? y(value) + 11 : y(value) - 3}
              text-anchor="end"
            >
              {label}
            </text>
          )}
        </g>
      ))}
      <Clipped canvas={canvas}>
        {plot.series.map(({ name, fill, values: high }) =>
          fill === undefined ? null : (
            <path
              key={name}
              d={areaPath(fill.to, high, canvas, y)}
              style={{ fill: fill.colour, fillOpacity: 0.22 }}
            />
          ),
        )}
        {plot.series.map((series) => (
          <path
            key={series.name}
            class={series.isFormer === true ? 'L dash' : 'L'}
            style={{ stroke: series.colour, strokeWidth: series.isThin === true ? 1.2 : 1.6 }}
            d={linePath(series.values, canvas, y)}
          />
        ))}
        {isZoomed(canvas) && <Points points={plot.points ?? []} canvas={canvas} y={y} />}
      </Clipped>
      <Labels labels={labels} canvas={{ ...canvas, height }} />
      {plot.difference !== undefined && (
        <DifferenceStrip difference={plot.difference} canvas={canvas} top={height + STRIP / 2} />
      )}
    </>
  );
}

/** Single requests are drawn when few enough are in sight to be told apart. */
function isZoomed({ fromNs, toNs, bucketNs }: Canvas): boolean {
  return toNs - fromNs <= 40 * bucketNs;
}

function Points({
  points,
  canvas,
  y,
}: {
  readonly points: readonly LinePoint[];
  readonly canvas: Canvas;
  readonly y: Scale;
}) {
  const shown = points.filter(({ atNs }) => atNs >= canvas.fromNs && atNs < canvas.toNs);
  return (
    <>
      {shown.map(({ atNs, value, isBad, says, select }) => {
        const x = canvas.x(atNs);
        const at = y(value);
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the same request is a row of the table.
          <g key={`${atNs} ${value}`} class="pt" onClick={select}>
            <title>{says}</title>
            {isBad ? (
              <path class="cross" d={`M${x - 3} ${at - 3}l6 6M${x + 3} ${at - 3}l-6 6`} />
            ) : (
              <circle cx={x} cy={at} r={2.2} />
            )}
          </g>
        );
      })}
    </>
  );
}

function DifferenceStrip({
  difference,
  canvas,
  top,
}: {
  readonly difference: NonNullable<LinesPlot['difference']>;
  readonly canvas: Canvas;
  readonly top: number;
}): JSX.Element {
  const { values, good, unit } = difference;
  const sizes = [...shownValues(values, canvas)].map((value) =>
    Number.isFinite(value) ? Math.abs(value) : 0,
  );
  const most = Math.max(1e-9, ...sizes);
  const barWidth = Math.max(1, canvas.x(canvas.bucketNs) - canvas.x(0) - 0.6);
  const paint = (value: number) =>
    good === 0 ? 'var(--s8)' : value * good > 0 ? 'var(--healthy)' : 'var(--failing)';
  return (
    <g>
      <text x={AXIS_LEFT - 5} y={top + 3.5} text-anchor="end">
        B−A
      </text>
      <text x={canvas.width - AXIS_RIGHT + 6} y={top + 3.5}>
        ±{most < 1e-6 ? 0 : most >= 10 ? Math.round(most) : Number(most.toPrecision(2))}
        {unit}
      </text>
      <path class="ax" d={`M${AXIS_LEFT} ${top}H${canvas.width - AXIS_RIGHT}`} />
      <Clipped canvas={canvas}>
        {Array.from(values, (value, bucket) => {
          const size = (Math.abs(value) / most) * 7.5;
          if (!(size > 0.15)) return null;
          return (
            <rect
              key={bucket}
              x={canvas.x(bucket * canvas.bucketNs) + 0.3}
              width={barWidth}
              y={value > 0 ? top - size : top}
              height={size}
              style={{ fill: paint(value) }}
            />
          );
        })}
      </Clipped>
    </g>
  );
}

function Bars({ plot, canvas }: PlotProps<BarsPlot>): JSX.Element {
  const { height, width, x, bucketNs } = canvas;
  const count = plot.series[0]?.values.length ?? 0;
  const sums = new Float64Array(count);
  for (const { values } of plot.series)
    values.forEach((value, bucket) => {
      if (Number.isFinite(value)) sums[bucket]! += value;
    });
  const { y, ticks } = valueAxis(shownValues(sums, canvas), height, {
    isLog: false,
    tickCount: height < 70 ? 2 : 3,
  });
  const barWidth = Math.max(0.8, x(bucketNs) - x(0) - 0.5);
  const bases = new Float64Array(count);
  const bars = plot.series.map((series) => {
    // One path for a series: marks are many.
    let path = '';
    series.values.forEach((value, bucket) => {
      if (!(value > 0)) return;
      const base = bases[bucket]!;
      bases[bucket] = base + value;
      path += `M${x(bucket * bucketNs).toFixed(1)} ${y(base).toFixed(1)}h${barWidth.toFixed(1)}V${y(base + value).toFixed(1)}h${(-barWidth).toFixed(1)}Z`;
    });
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: the same filter is a cell of the table.
      <path
        key={series.name}
        d={path}
        style={{ fill: series.colour, cursor: 'pointer' }}
        onClick={series.select}
      >
        <title>{series.label}</title>
      </path>
    );
  });
  const labels = plot.series.map((series, index) => ({
    text: series.label,
    ink: series.ink ?? series.colour,
    y: height * (0.28 + index * 0.22),
    select: series.select,
  }));
  return (
    <>
      <Ticks ticks={ticks} y={y} width={width} tick={plot.tick} />
      <Clipped canvas={canvas}>{bars}</Clipped>
      <Labels labels={labels} canvas={canvas} />
      {plot.series.length === 0 && (
        <text x={AXIS_LEFT + 8} y={height / 2 + 4}>
          nothing failed
        </text>
      )}
    </>
  );
}

function Shares({ plot, canvas }: PlotProps<SharesPlot>): JSX.Element {
  const { height, width, x, toNs } = canvas;
  const y = (share: number) => 4 + (1 - share) * (height - 8);
  let low: Float64Array | undefined;
  const parts = plot.series.map((series) => {
    const high = series.values.map(
      (value, bucket) => value + (low === undefined ? 0 : low[bucket]!),
    );
    const from = low;
    low = high;
    return { series, from, high };
  });
  const wanted = plot.wanted
    .map(
      ({ fromNs, share }, index) =>
        `${index === 0 ? 'M' : 'H'}${x(fromNs)}${index === 0 ? ' ' : 'V'}${y(share)}`,
    )
    .join('');
  return (
    <>
      <Ticks ticks={[0, 0.5, 1]} y={y} width={width} tick={percentText} />
      <Clipped canvas={canvas}>
        {parts.map(({ series, from, high }, index) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the same filter is in the graph.
          <g key={series.name} class="band" onClick={series.select}>
            <title>{series.label}</title>
            <path
              d={areaPath(from, high, canvas, y)}
              style={{ fill: series.colour, fillOpacity: index === 0 ? 0.2 : 0.4 }}
            />
            {index < parts.length - 1 && (
              <path
                class="L"
                d={linePath(high, canvas, y)}
                style={{ stroke: parts[index + 1]!.series.colour }}
              />
            )}
          </g>
        ))}
        {wanted !== '' && <path d={`${wanted}H${x(toNs)}`} class="lim" style={{ fill: 'none' }} />}
      </Clipped>
      <Labels labels={shareLabels(parts, y, canvas)} canvas={canvas} />
      {parts.length === 0 && (
        <text x={AXIS_LEFT + 8} y={height / 2 + 4}>
          no service here has versions
        </text>
      )}
    </>
  );
}

function shareLabels(
  parts: readonly {
    readonly series: Series;
    readonly from: Float64Array | undefined;
    readonly high: Float64Array;
  }[],
  y: Scale,
  canvas: Canvas,
): readonly DirectLabel[] {
  return parts.map(({ series, from, high }) => ({
    text: series.label,
    ink: series.colour === 'var(--s5)' ? 'var(--s5-ink)' : series.colour,
    y: y((lastOf(high, canvas) + (from === undefined ? 0 : lastOf(from, canvas))) / 2),
    select: series.select,
  }));
}

function Spans({ plot, canvas }: PlotProps<SpansPlot>): JSX.Element {
  const { x, width, height } = canvas;
  const { tops, title } = rowTops(plot, height);
  return (
    <>
      {plot.rows.map((row, index) => {
        const top = tops[index]!;
        const rowHeight = tops[index + 1]! - top;
        const tracks = tracksOf(row);
        const trackHeight = (rowHeight - 3 - title) / tracks;
        const barsTop = top + title;
        return (
          <g key={row.name}>
            <path class="g" d={`M${AXIS_LEFT} ${top + rowHeight - 1}H${width - AXIS_RIGHT}`} />
            <Clipped canvas={canvas}>
              {row.spans.map((span) => (
                <rect
                  key={`${span.track} ${span.fromNs} ${span.isFormer}`}
                  x={x(span.fromNs)}
                  y={
                    barsTop +
                    span.track * trackHeight +
                    (span.isFormer === true ? trackHeight - 3 : 0.5)
                  }
                  width={Math.max(1, x(span.toNs) - x(span.fromNs))}
                  height={span.isFormer === true ? 2.5 : Math.max(2, trackHeight - 1)}
                  rx={1.5}
                  style={{
                    fill: span.isFormer === true ? 'var(--text)' : 'var(--failing)',
                    fillOpacity: 0.82,
                  }}
                >
                  <title>{`${row.name} out for ${span.label}`}</title>
                </rect>
              ))}
            </Clipped>
            {row.spans.map((span) => {
              const isNamed = row.spans.filter((one) => one.track === span.track).at(-1) === span;
              const end = Math.min(width - AXIS_RIGHT, x(span.toNs));
              return isNamed && trackHeight >= 9 && x(span.fromNs) < width - AXIS_RIGHT ? (
                <text
                  key={`${span.track} name`}
                  x={end + 4}
                  y={barsTop + span.track * trackHeight + 9}
                >
                  {span.label.length > 12 ? `${span.label.slice(0, 11)}…` : span.label}
                </text>
              ) : null;
            })}
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the same filter is in the graph. */}
            <text
              class="dl plate"
              x={AXIS_LEFT + 2}
              y={title > 0 ? top + 9 : top + rowHeight / 2 + 3}
              onClick={row.select}
              style={{ cursor: 'pointer' }}
            >
              <RowName row={row} isShort={title === 0 && isBelowBars(row, canvas)} />
            </text>
          </g>
        );
      })}
      <text x={AXIS_LEFT + 2} y={(tops.at(-1) ?? 4) + 11}>
        {plot.rest}
      </text>
    </>
  );
}

type SpanRow = SpansPlot['rows'][number];

/** Roughly, of a letter in a chart. */
const LETTER_WIDTH = 6.2;

/** Whether a name at the left would stand on bars. */
function isBelowBars({ name, note, spans }: SpanRow, { x }: Canvas): boolean {
  const end = AXIS_LEFT + (name.length + note.length + 1) * LETTER_WIDTH;
  return spans.some(({ fromNs, toNs }) => x(fromNs) < end && x(toNs) > AXIS_LEFT);
}

/** An endpoint with its pod; the pod alone where there is no room for both. */
function RowName({ row, isShort }: { readonly row: SpanRow; readonly isShort: boolean }) {
  if (isShort && row.note !== '')
    return (
      <>
        <title>{row.name}</title>
        {row.note}
      </>
    );
  return (
    <>
      {row.name} <tspan style={{ fill: 'var(--muted)' }}>{row.note}</tspan>
    </>
  );
}

const TRACK = 11;

function tracksOf({ spans }: SpanRow): number {
  return Math.max(1, ...spans.map(({ track }) => track + 1));
}

/** A line for a row's name, above its bars. */
const TITLE = 11;

/**
 * Where rows begin, and the last ends: as high as their tracks need, less where there is no room. Names
 * have lines of their own where there is room for all of them, else they stand on the bars.
 */
function rowTops({ rows, rest }: SpansPlot, height: number) {
  const room = height - (rest === '' ? 8 : 20);
  const bars = rows.map((row) => Math.max(13, tracksOf(row) * TRACK + 2));
  const barsSum = bars.reduce((total, one) => total + one, 0);
  const title = barsSum + rows.length * TITLE <= room ? TITLE : 0;
  const wanted = bars.map((one) => Math.max(18, one + title));
  const sum = wanted.reduce((total, one) => total + one, 0);
  const scale = Math.min(1, room / Math.max(1, sum));
  let top = 4;
  return { tops: [top, ...wanted.map((one) => (top += one * scale))], title };
}
