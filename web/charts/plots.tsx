import { area, line } from 'd3';
import type { JSX } from 'preact';
import { percentText } from '../state/formats.ts';
import { AXIS_LEFT, AXIS_RIGHT, type Scale, spread, valueAxis } from './axis.ts';
import type { BarsPlot, LinesPlot, Plot, Series, SharesPlot, SpansPlot } from './lane-model.ts';

/** Where a plot is drawn. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly x: Scale;
  readonly bucketNs: number;
  readonly durationNs: number;
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
  }
}

interface PlotProps<P> {
  readonly plot: P;
  readonly canvas: Canvas;
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

function Ticks({
  ticks,
  y,
  width,
  tick,
}: {
  readonly ticks: readonly number[];
  readonly y: Scale;
  readonly width: number;
  readonly tick: (value: number) => string;
}): JSX.Element {
  return (
    <>
      {ticks.map((value) => (
        <g key={value}>
          <path class="g" d={`M${AXIS_LEFT} ${y(value)}H${width - AXIS_RIGHT}`} />
          <text x={AXIS_LEFT - 5} y={y(value) + 3.5} text-anchor="end">
            {tick(value)}
          </text>
        </g>
      ))}
    </>
  );
}

interface DirectLabel {
  readonly text: string;
  readonly ink: string;
  y: number;
  readonly select?: (() => void) | undefined;
}

const LABEL_GAP = 12;
const MAX_LABEL = 13;

function Labels({
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
function lastOf(values: Float64Array): number {
  for (let bucket = values.length - 1; bucket >= 0; bucket--)
    if (Number.isFinite(values[bucket])) return values[bucket]!;
  return 0;
}

function meanOf(values: Float64Array): number {
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
    ...plot.series.flatMap((series) => Array.from(series.values)),
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
          ? Math.max(meanOf(series.values), 1e-3)
          : (lastOf(series.values) + meanOf(series.values)) / 2,
      ),
      select: series.select,
    })),
    ...plot.limits
      .filter(({ label }) => label.length <= MAX_LABEL)
      .map(({ label, colour, value }) => ({ text: label, ink: colour, y: y(value) })),
  ];
  return (
    <>
      <Ticks ticks={ticks} y={y} width={width} tick={plot.tick} />
      {plot.limits.map(({ value, colour, label }) => (
        <g key={label}>
          <path
            class="lim"
            style={{ stroke: colour }}
            d={`M${AXIS_LEFT} ${y(value)}H${width - AXIS_RIGHT}`}
          />
          {label.length > MAX_LABEL && (
            <text x={width - AXIS_RIGHT - 3} y={y(value) - 3} text-anchor="end">
              {label}
            </text>
          )}
        </g>
      ))}
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
      <Labels labels={labels} canvas={{ ...canvas, height }} />
      {plot.difference !== undefined && (
        <DifferenceStrip difference={plot.difference} canvas={canvas} top={height + STRIP / 2} />
      )}
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
  const most = Math.max(
    1e-9,
    ...Array.from(values, (value) => (Number.isFinite(value) ? Math.abs(value) : 0)),
  );
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
  const { y, ticks } = valueAxis(sums, height, { isLog: false, tickCount: height < 70 ? 2 : 3 });
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
    return <path key={series.name} d={path} style={{ fill: series.colour }} />;
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
      {bars}
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
  const { height, width, x, durationNs } = canvas;
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
      {parts.map(({ series, from, high }, index) => (
        <g key={series.name}>
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
      {wanted !== '' && (
        <path d={`${wanted}H${x(durationNs)}`} class="lim" style={{ fill: 'none' }} />
      )}
      <Labels labels={shareLabels(parts, y)} canvas={canvas} />
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
): readonly DirectLabel[] {
  return parts.map(({ series, from, high }) => ({
    text: series.label,
    ink: series.colour === 'var(--s5)' ? 'var(--s5-ink)' : series.colour,
    y: y((lastOf(high) + (from === undefined ? 0 : lastOf(from))) / 2),
    select: series.select,
  }));
}

function Spans({ plot, canvas }: PlotProps<SpansPlot>): JSX.Element {
  const { x, width, height } = canvas;
  const rowHeight = Math.min(26, (height - 6) / Math.max(2, plot.rows.length + 0.6));
  const restY = 6 + plot.rows.length * rowHeight + 11;
  return (
    <>
      {plot.rows.map((row, index) => {
        const top = 4 + index * rowHeight;
        const tracks = Math.max(1, ...row.spans.map(({ track }) => track + 1));
        const trackHeight = (rowHeight - 3) / tracks;
        return (
          <g key={row.name}>
            <path class="g" d={`M${AXIS_LEFT} ${top + rowHeight - 1}H${width - AXIS_RIGHT}`} />
            {row.spans.map((span) => (
              <rect
                key={`${span.track} ${span.fromNs} ${span.isFormer}`}
                x={x(span.fromNs)}
                y={
                  top + span.track * trackHeight + (span.isFormer === true ? trackHeight - 3 : 0.5)
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
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the same filter is in the graph. */}
            <text
              class="dl plate"
              x={AXIS_LEFT + 2}
              y={top + rowHeight / 2 + 3}
              onClick={row.select}
              style={{ cursor: 'pointer' }}
            >
              {row.name} <tspan style={{ fill: 'var(--muted)' }}>{row.note}</tspan>
            </text>
          </g>
        );
      })}
      <text x={AXIS_LEFT + 2} y={restY}>
        {plot.rest}
      </text>
    </>
  );
}
