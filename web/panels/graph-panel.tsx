import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { RunView } from '#report/run-view.ts';
import { useSize } from '../charts/use-size.ts';
import { DrawnGraph } from '../graph/drawn-graph.tsx';
import { type GraphModel, graphModel, isLargeGraph } from '../graph/graph-model.ts';
import { LargeGraph } from '../graph/large-graph.tsx';
import { type GraphLayout, type GraphRoom, layoutOf } from '../graph/layout.ts';
import { momentText } from '../state/formats.ts';
import { type GraphKind, page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { InTurn } from '../state/turns.tsx';
import { GraphDisplay } from './graph-display.tsx';
import { MaximiseButton } from './maximise-button.tsx';
import { SelectionLine } from './selection-panel.tsx';

const KINDS: readonly (readonly [GraphKind, string])[] = [
  ['versioned', 'versioned app'],
  ['app', 'app'],
  ['workload', 'workload'],
  ['service', 'service'],
];
/** Who calls whom, how often, and where it fails; in the window that ends at the cursor. */
export function GraphPanel() {
  const view = useStore(page, (state) => state.view);
  const tab = useStore(page, (state) => state.phoneTab);
  const kind = useStore(page, (state) => state.graphKind);
  const find = useStore(page, (state) => state.find);
  return (
    <section class={`panel ${tab === 'graph' ? 'on' : ''}`} id="p-graph" aria-label="Graph">
      <div class="ph">
        <h2>Graph</h2>
        <WindowText />
        <span class="grow" />
        <input
          class="find"
          type="search"
          placeholder="Find, !hide"
          aria-label="Find in the graph"
          value={find}
          onInput={(event) => page.set({ find: event.currentTarget.value })}
        />
        <label class="select">
          <span class="sr">Kind of graph</span>
          <select
            value={kind}
            onChange={(event) =>
              page.set({
                graphKind:
                  KINDS.find(([id]) => id === event.currentTarget.value)?.[0] ?? 'versioned',
              })
            }
          >
            {KINDS.map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <GraphDisplay />
        <MaximiseButton panel="graph" />
      </div>
      {view === undefined ? (
        <p class="empty">The mesh appears when a scenario runs.</p>
      ) : (
        <Graph view={view} />
      )}
      <InTurn>
        <SelectionLine />
      </InTurn>
    </section>
  );
}

function WindowText() {
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const windowNs = useStore(page, (state) => state.windowNs);
  return (
    <span class="muted nw">
      {momentText(Math.max(0, cursorNs - windowNs))}–{momentText(cursorNs)}s
    </span>
  );
}

function Graph({ view }: { readonly view: RunView }) {
  const kind = useStore(page, (state) => state.graphKind);
  const { ref, width, height } = useSize<HTMLDivElement>();
  const [zoom, setZoom] = useState<number>();
  const model = useMemo(() => graphModel(view, kind), [view, kind]);
  const shape = `${model.nodes.map(({ id, box }) => `${id}${box}`).sort()} ${model.edges.map(({ id }) => id).sort()}`;
  const isLarge = isLargeGraph(view, model);
  const layout = useMemo(
    () => (width === 0 ? undefined : fittingLayout(model, { width, height }, isLarge)),
    [shape, width, height, isLarge],
  );
  const isTall = layout?.isNarrow === false && !isLarge && layout.neededAcross > TALL;
  const across = layout === undefined ? 1 : width / layout.width;
  const down = layout === undefined || layout.isNarrow ? 1 : height / layout.height;
  const fit = Math.min(1, across, down);
  // What nearly fits is made to; in a large graph one looks around.
  const shown = zoom ?? (isLarge ? fit : Math.max(LEAST_AUTO_ZOOM, fit));
  useLayoutEffect(() => {
    // What is higher than its room is entered in the middle: that is where callers stand.
    const holder = ref.current;
    if (holder !== null && layout?.isNarrow === false)
      holder.scrollTop = (holder.scrollHeight - holder.clientHeight) / 2;
  }, [layout]);
  return (
    <>
      <div class="graph" ref={ref} data-tall={isTall ? '1' : undefined}>
        {layout !== undefined &&
          (isLarge ? (
            <LargeGraph view={view} model={model} layout={layout} zoom={shown} />
          ) : (
            <DrawnGraph view={view} model={model} layout={layout} zoom={shown} />
          ))}
      </div>
      <Zoom zoom={shown} onZoom={setZoom} fit={fit} />
    </>
  );
}

/** What is too high for the room will be shown smaller: then there is more room across. */
function fittingLayout(model: GraphModel, room: GraphRoom, isLarge: boolean): GraphLayout {
  const first = layoutOf(model, room, isLarge);
  const fit = room.height / first.height;
  if (fit >= 1 || first.isNarrow || isLarge) return first;
  return layoutOf(model, { ...room, width: room.width / Math.max(LEAST_AUTO_ZOOM, fit) }, false);
}

const LEAST_AUTO_ZOOM = 0.7;
/** A graph that needs more than this takes some of the requests’ room (`style/panels.css`). */
const TALL = 340;
const ZOOM_STEP = 1.35;
const MOST_ZOOM = 3;

function Zoom({
  zoom,
  fit,
  onZoom,
}: {
  readonly zoom: number;
  readonly fit: number;
  readonly onZoom: (zoom: number | undefined) => void;
}) {
  const to = (wanted: number) => onZoom(Math.max(Math.min(fit, 1), Math.min(MOST_ZOOM, wanted)));
  return (
    <div
      class={fit < 1 || zoom !== 1 ? 'zoom' : 'zoom quiet'}
      role="group"
      aria-label="Zoom of the graph"
    >
      <button type="button" aria-label="Smaller" onClick={() => to(zoom / ZOOM_STEP)}>
        −
      </button>
      <button type="button" onClick={() => to(fit)}>
        {Math.round(zoom * 100)}%<span class="sr">: fit the graph in</span>
      </button>
      <button type="button" aria-label="Larger" onClick={() => to(zoom * ZOOM_STEP)}>
        +
      </button>
    </div>
  );
}
