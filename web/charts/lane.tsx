import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';
import type { RunView } from '#report/run-view.ts';
import { Icon } from '../panels/icon.tsx';
import { downloadCsv, downloadPng, downloadSvg } from '../share/download.ts';
import { timeScale } from './axis.ts';
import type { LaneModel, Plot } from './lane-model.ts';
import { laneTable } from './lane-table.ts';
import { drawPlot } from './plots.tsx';
import { useSize } from './use-size.ts';

/** One chart: a figure with a title, a reading, and on request its numbers as a table. */
export function Lane({ model, view }: { readonly model: LaneModel; readonly view: RunView }) {
  const [hasTable, setHasTable] = useState(false);
  const { ref, width, height } = useSize<HTMLDivElement>();
  return (
    <figure class="lane" data-lane={model.id} aria-label={model.summary}>
      <figcaption>
        <b>{model.title}</b>
        <span class="tools">
          <button
            type="button"
            class="btn icon"
            aria-label={`${model.title} as a table`}
            aria-expanded={hasTable}
            onClick={() => setHasTable(!hasTable)}
          >
            <Icon name="tab" />
          </button>
          <button
            type="button"
            class="btn icon"
            aria-label={`${model.title} as CSV`}
            onClick={() => downloadCsv(model.id, laneTable(model, view))}
          >
            <Icon name="file" />
          </button>
          <button
            type="button"
            class="btn icon"
            aria-label={`${model.title} as SVG`}
            onClick={() => downloadSvg(model.id, ref.current)}
          >
            <Icon name="share" />
          </button>
          <button
            type="button"
            class="btn icon"
            aria-label={`${model.title} as PNG`}
            onClick={() => downloadPng(model.id, ref.current)}
          >
            <Icon name="chartI" />
          </button>
        </span>
        <span class="rd">
          {model.reading.map(({ text, isStrong }, index) =>
            isStrong === true ? <b key={index}>{text}</b> : <span key={index}>{text}</span>,
          )}
        </span>
      </figcaption>
      <div class="pl" ref={ref}>
        {hasTable ? (
          <LaneTable model={model} view={view} />
        ) : (
          width > 0 && (
            <PlotSvg
              plot={model.plot}
              width={width}
              height={height}
              bucketNs={view.bucketNs}
              durationNs={view.durationNs}
              summary={model.summary}
            />
          )
        )}
      </div>
    </figure>
  );
}

interface PlotSvgProps {
  readonly plot: Plot;
  readonly width: number;
  readonly height: number;
  readonly bucketNs: number;
  readonly durationNs: number;
  readonly summary: string;
}

/** Drawn again only when its plot or its size becomes another: a moving cursor costs it nothing. */
const PlotSvg = memo(
  ({ plot, width, height, bucketNs, durationNs, summary }: PlotSvgProps) => {
    const x = timeScale(width, durationNs);
    return (
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary}>
        {drawPlot(plot, { width, height, x, bucketNs, durationNs })}
      </svg>
    );
  },
  (a, b) => a.plot === b.plot && a.width === b.width && a.height === b.height,
);

function LaneTable({ model, view }: { readonly model: LaneModel; readonly view: RunView }) {
  const [head = [], ...rows] = laneTable(model, view);
  return (
    <section class="datatable" tabIndex={0} aria-label={`${model.title}, numbers`}>
      <table>
        <thead>
          <tr>
            {head.map((cell) => (
              <th key={cell} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell, index) => (
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
