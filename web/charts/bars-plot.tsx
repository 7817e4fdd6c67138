import type { JSX } from 'preact';
import { AXIS_LEFT, valueAxis } from './axis.ts';
import type { BarsPlot } from './lane-model.ts';
import { Clipped, Labels, type PlotProps, shownValues, Ticks } from './plot-canvas.tsx';

export function Bars({ plot, canvas }: PlotProps<BarsPlot>): JSX.Element {
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
