import type { JSX } from 'preact';
import { AXIS_RIGHT, valueAxis } from './axis.ts';
import type { HeatPlot } from './lane-model.ts';
import { Clipped, type PlotProps, Ticks } from './plot-canvas.tsx';

/** So many shades from few to most. */
const SHADES = 7;

/**
 * Counts by time and value as shades. All cells of a shade are one path, so that thousands of them are
 * a handful of elements, and are part of the SVG that is exported.
 */
export function Heat({ plot, canvas }: PlotProps<HeatPlot>): JSX.Element {
  const { counts, bins, lowerOf } = plot;
  const { height, width, x, bucketNs } = canvas;
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return <text x={48}>no requests</text>;
  let least = bins;
  let last = 0;
  let most = 0;
  counts.forEach((count, index) => {
    if (count === 0) return;
    least = Math.min(least, index % bins);
    last = Math.max(last, index % bins);
    most = Math.max(most, count);
  });
  const ends = [lowerOf(least), lowerOf(last + 1), ...plot.limits.map(({ value }) => value)];
  const { y, ticks } = valueAxis(ends, height, { isLog: true, tickCount: 3 });
  const cellWidth = Math.max(0.8, x(bucketNs) - x(0) - 0.3);
  const paths = new Array<string>(SHADES).fill('');
  counts.forEach((count, index) => {
    if (count === 0) return;
    const bin = index % bins;
    // By the logarithm: few slow ones must be seen beside many quick ones.
    const shade = Math.min(SHADES - 1, Math.floor((Math.log1p(count) / Math.log1p(most)) * SHADES));
    const left = x(Math.floor(index / bins) * bucketNs).toFixed(1);
    const top = y(lowerOf(bin + 1));
    paths[shade] +=
      `M${left} ${top.toFixed(1)}h${cellWidth.toFixed(1)}V${(y(lowerOf(bin)) - 0.4).toFixed(1)}h${(-cellWidth).toFixed(1)}Z`;
  });
  return (
    <>
      <Ticks ticks={ticks} y={y} width={width} tick={plot.tick} />
      <Clipped canvas={canvas}>
        {paths.map((path, shade) => (
          <path
            key={shade}
            d={path}
            style={{ fill: 'var(--s1)', fillOpacity: 0.14 + (0.86 * shade) / (SHADES - 1) }}
          />
        ))}
        {plot.limits.map(({ value, colour }) => (
          <path key={value} class="lim" style={{ stroke: colour }} d={`M0 ${y(value)}H${width}`} />
        ))}
      </Clipped>
      <text x={width - AXIS_RIGHT + 6} y={14}>
        most {most}
      </text>
      {paths.map((_, shade) => (
        <rect
          key={shade}
          x={width - AXIS_RIGHT + 6 + shade * 8}
          y={20}
          width={8}
          height={7}
          style={{ fill: 'var(--s1)', fillOpacity: 0.14 + (0.86 * shade) / (SHADES - 1) }}
        />
      ))}
    </>
  );
}
