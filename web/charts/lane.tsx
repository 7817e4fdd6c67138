import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';
import type { RunView } from '#report/run-view.ts';
import { Icon, type IconName } from '../panels/icon.tsx';
import { downloadCsv, downloadPng, downloadSvg } from '../share/download.ts';
import { clusterText } from '../state/formats.ts';
import { useStore } from '../state/store.ts';
import { AXIS_LEFT, AXIS_RIGHT, type Stretch, timeScale } from './axis.ts';
import { charts } from './chart-state.ts';
import type { LaneModel, Plot } from './lane-model.ts';
import { laneTable } from './lane-table.ts';
import { isBareLane } from './lanes.ts';
import { drawPlot } from './plots.tsx';
import { poolNames } from './proxy-lanes.ts';
import { useSize } from './use-size.ts';

/** One chart: a figure with a title, a reading, and on request its numbers as a table. */
export function Lane({
  model,
  view,
  stretch,
  readingNs,
}: {
  readonly model: LaneModel;
  readonly view: RunView;
  readonly stretch: Stretch;
  /** The moment whose values stand in the caption. */
  readonly readingNs: number;
}) {
  const [hasTable, setHasTable] = useState(false);
  const { ref, width, height } = useSize<HTMLDivElement>();
  return (
    <figure
      class={isBareLane(model, view) ? 'lane bare' : 'lane'}
      data-lane={model.id}
      aria-label={model.summary}
    >
      <figcaption>
        <b>{model.title}</b>
        <span class="tools">
          <LaneChoices model={model} view={view} />
          <Tool
            says={`${model.title} as a table`}
            icon="tab"
            isOn={hasTable}
            onClick={() => setHasTable(!hasTable)}
          />
          <Tool
            says={`${model.title} as CSV`}
            icon="file"
            onClick={() => downloadCsv(model.id, laneTable(model, view))}
          />
          <Tool
            says={`${model.title} as SVG`}
            icon="share"
            onClick={() => downloadSvg(model.id, ref.current)}
          />
          <Tool
            says={`${model.title} as PNG`}
            icon="chartI"
            onClick={() => downloadPng(model.id, ref.current)}
          />
        </span>
        <span class="rd">
          {model
            .reading(readingNs)
            .map(({ text, isStrong }, index) =>
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
              fromNs={stretch.fromNs}
              toNs={stretch.toNs}
              id={model.id}
              summary={model.summary}
            />
          )
        )}
      </div>
    </figure>
  );
}

interface ToolProps {
  readonly says: string;
  readonly icon: IconName;
  /** Of one that opens something: whether it is open. */
  readonly isOn?: boolean;
  readonly onClick: () => void;
}

function Tool({ says, icon, isOn, onClick }: ToolProps) {
  return (
    <button
      type="button"
      class="btn icon"
      aria-label={says}
      title={says}
      aria-expanded={isOn}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

const MOST_POOLS = 60;

/** What a reader may choose of a lane: the axis of latency, the pool. */
function LaneChoices({ model, view }: { readonly model: LaneModel; readonly view: RunView }) {
  const isLinear = useStore(charts, (state) => state.isLinear);
  const pool = useStore(charts, (state) => state.pool);
  if (model.id === 'latency')
    return (
      <button
        type="button"
        class="btn sm"
        aria-pressed={!isLinear}
        onClick={() => charts.set({ isLinear: !isLinear })}
      >
        log
      </button>
    );
  if (model.id !== 'pool') return null;
  return (
    <label class="select small">
      <span class="sr">Pool</span>
      <select value={pool} onChange={(event) => charts.set({ pool: event.currentTarget.value })}>
        <option value="">selected, else fullest</option>
        {poolNames(view)
          .slice(0, MOST_POOLS)
          .map((name) => {
            const [proxy = '', cluster = ''] = name.split(' ');
            return (
              <option key={name} value={name}>
                {proxy} → {clusterText(cluster)}
              </option>
            );
          })}
      </select>
    </label>
  );
}

interface PlotSvgProps {
  readonly plot: Plot;
  readonly width: number;
  readonly height: number;
  readonly bucketNs: number;
  readonly fromNs: number;
  readonly toNs: number;
  readonly id: string;
  readonly summary: string;
}

/** Drawn again only when its plot or its size becomes another: a moving cursor costs it nothing. */
const PlotSvg = memo(
  ({ plot, width, height, bucketNs, fromNs, toNs, id, summary }: PlotSvgProps) => {
    const x = timeScale(width, { fromNs, toNs });
    const clip = `clip-${id}`;
    return (
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary}>
        <defs>
          <clipPath id={clip}>
            <rect
              x={AXIS_LEFT}
              y={0}
              width={Math.max(0, width - AXIS_LEFT - AXIS_RIGHT)}
              height={height}
            />
          </clipPath>
        </defs>
        {drawPlot(plot, { width, height, x, bucketNs, fromNs, toNs, clip })}
      </svg>
    );
  },
  (a, b) =>
    a.plot === b.plot &&
    a.width === b.width &&
    a.height === b.height &&
    a.fromNs === b.fromNs &&
    a.toNs === b.toNs,
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
