import type { JSX } from 'preact';
import { AXIS_LEFT, AXIS_RIGHT, type Scale, valueAxis } from './axis.ts';
import type { LinePoint, LinesPlot } from './lane-model.ts';
import {
  areaPath,
  type Canvas,
  Clipped,
  type DirectLabel,
  Labels,
  lastOf,
  linePath,
  MAX_LABEL,
  meanOf,
  type PlotProps,
  shownValues,
  Ticks,
} from './plot-canvas.tsx';

const STRIP = 18;

export function Lines({ plot, canvas }: PlotProps<LinesPlot>): JSX.Element {
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
