import type { JSX } from 'preact';
import { percentText } from '../state/formats.ts';
import { AXIS_LEFT, type Scale } from './axis.ts';
import type { Series, SharesPlot } from './lane-model.ts';
import {
  areaPath,
  type Canvas,
  Clipped,
  type DirectLabel,
  Labels,
  lastOf,
  linePath,
  type PlotProps,
  Ticks,
} from './plot-canvas.tsx';

export function Shares({ plot, canvas }: PlotProps<SharesPlot>): JSX.Element {
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
