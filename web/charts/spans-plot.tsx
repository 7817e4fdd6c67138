import type { JSX } from 'preact';
import { AXIS_LEFT, AXIS_RIGHT } from './axis.ts';
import type { SpansPlot } from './lane-model.ts';
import { type Canvas, Clipped, type PlotProps } from './plot-canvas.tsx';

export function Spans({ plot, canvas }: PlotProps<SpansPlot>): JSX.Element {
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
