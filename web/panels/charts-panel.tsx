import { memo } from 'preact/compat';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { RunView } from '#report/run-view.ts';
import { AXIS_LEFT, AXIS_RIGHT, type Stretch, timeScale } from '../charts/axis.ts';
import { charts, stretchOf, zoomBy, zoomOut } from '../charts/chart-state.ts';
import { Lane } from '../charts/lane.tsx';
import { LANES } from '../charts/lanes.ts';
import { rangeDrag } from '../charts/range-drag.ts';
import { Ruler } from '../charts/ruler.tsx';
import { useSize } from '../charts/use-size.ts';
import { page, type Selection } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { InTurn } from '../state/turns.tsx';
import { Transport } from './transport.tsx';

/** Time, and every chart on one axis of time. */
export function ChartsPanel() {
  const view = useStore(page, (state) => state.view);
  const tab = useStore(page, (state) => state.phoneTab);
  return (
    <section class={`panel ${tab === 'charts' ? 'on' : ''}`} id="p-charts" aria-label="Charts">
      <Transport />
      {view === undefined ? (
        <p class="empty">Charts appear when a scenario runs.</p>
      ) : (
        <>
          <Ruler view={view} />
          <Lanes view={view} />
        </>
      )}
    </section>
  );
}

function Lanes({ view }: { readonly view: RunView }) {
  const lanes = useStore(page, (state) => state.lanes);
  const zoom = useStore(charts, (state) => state.zoom);
  const { ref, width } = useSize<HTMLDivElement>();
  const stretch = stretchOf(view, zoom);
  const scale = timeScale(width, stretch);
  const nsAt = (clientX: number) =>
    scale.invert(clientX - (ref.current?.getBoundingClientRect().left ?? 0));
  const isInside = ({ clientX, target }: PointerEvent | MouseEvent) => {
    const x = clientX - (ref.current?.getBoundingClientRect().left ?? 0);
    const isControl =
      target instanceof Element && target.closest('button,select,.datatable') !== null;
    return x >= AXIS_LEFT && x <= width - AXIS_RIGHT && !isControl;
  };
  return (
    <div
      class="lanes"
      ref={ref}
      onPointerDown={(event) => {
        if (isInside(event)) rangeDrag(event, nsAt, { isScrub: false });
      }}
      onPointerMove={(event) =>
        charts.set({
          hoverNs:
            isInside(event) && event.pointerType === 'mouse' ? nsAt(event.clientX) : undefined,
        })
      }
      onPointerLeave={() => charts.set({ hoverNs: undefined })}
      onDblClick={(event) => {
        if (isInside(event)) zoomOut();
      }}
      onKeyDown={onZoomKey}
      tabIndex={0}
      role="group"
      aria-label="Charts over time; plus and minus zoom, 0 shows all"
    >
      {lanes.map((id) => (
        <InTurn key={id}>
          <LaneOfRun id={id} fromNs={stretch.fromNs} toNs={stretch.toNs} />
        </InTurn>
      ))}
      <InTurn>
        <CursorOverlay
          view={view}
          holder={ref}
          width={width}
          laneCount={lanes.length}
          stretch={stretch}
        />
      </InTurn>
    </div>
  );
}

interface LaneOfRunProps extends Stretch {
  readonly id: string;
}

/** A lane made from the run; drawn when its own turn comes. */
const LaneOfRun = memo(({ id, fromNs, toNs }: LaneOfRunProps) => {
  const view = useStore(page, (state) => state.view);
  const windowNs = useStore(page, (state) => state.windowNs);
  const former = useStore(page, (state) => (state.isComparing ? state.former?.view : undefined));
  const { from, to, client } = useStore(page, (state) => state.selection);
  const isLinear = useStore(charts, (state) => state.isLinear);
  const pool = useStore(charts, (state) => state.pool);
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const hoverNs = useStore(charts, (state) => state.hoverNs);
  const model = useMemo(() => {
    if (view === undefined) return undefined;
    const selection: Selection = {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(client === undefined ? {} : { client }),
    };
    return LANES.get(id)?.model({ view, former, windowNs, selection, isLinear, pool });
  }, [id, view, former, windowNs, from, to, client, isLinear, pool]);
  if (view === undefined || model === undefined) return null;
  // The caption says what holds below the pointer, else at the cursor.
  const readingNs = hoverNs ?? cursorNs;
  return <Lane model={model} view={view} stretch={{ fromNs, toNs }} readingNs={readingNs} />;
});

const ZOOM_STEP = 0.5;

function onZoomKey(event: KeyboardEvent): void {
  if (event.target instanceof HTMLSelectElement) return;
  if (event.key === '+' || event.key === '=') zoomBy(ZOOM_STEP);
  else if (event.key === '-') zoomBy(1 / ZOOM_STEP);
  else if (event.key === '0') zoomOut();
  else return;
  event.preventDefault();
}

/** The cursor, its window, steps and pushes: single lines through all lanes. */
function CursorOverlay({
  view,
  holder,
  width,
  laneCount,
  stretch,
}: {
  readonly view: RunView;
  readonly holder: { readonly current: HTMLDivElement | null };
  readonly width: number;
  readonly laneCount: number;
  readonly stretch: Stretch;
}) {
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const windowNs = useStore(page, (state) => state.windowNs);
  const range = useStore(page, (state) => state.selection.range);
  const [spans, setSpans] = useState<readonly (readonly [number, number])[]>([]);
  useLayoutEffect(() => {
    const figures = [...(holder.current?.querySelectorAll<HTMLElement>('.lane') ?? [])];
    // Read when they have been laid out anyway.
    const observer = new ResizeObserver(() => {
      const found = figures.map(
        ({ offsetTop, offsetHeight }) => [offsetTop + 22, offsetTop + offsetHeight] as const,
      );
      setSpans((old) => (JSON.stringify(old) === JSON.stringify(found) ? old : found));
    });
    for (const figure of figures) observer.observe(figure);
    return () => observer.disconnect();
  }, [view, laneCount, holder]);
  const hoverNs = useStore(charts, (state) => state.hoverNs);
  const scale = timeScale(width, stretch);
  const x = (ns: number) => scale(Math.max(stretch.fromNs, Math.min(stretch.toNs, ns)));
  const isShown = (ns: number) => ns >= stretch.fromNs && ns <= stretch.toNs;
  const height = spans.at(-1)?.[1] ?? 0;
  if (width === 0 || laneCount === 0) return null;
  const through = (ns: number) =>
    isShown(ns)
      ? spans.map(([top, bottom]) => `M${x(ns).toFixed(1)} ${top}V${bottom}`).join('')
      : '';
  const [fromNs, toNs] = range ?? [Math.max(0, cursorNs - windowNs), cursorNs];
  // A window that is all there is to see needs no shade.
  const isFilled = fromNs <= stretch.fromNs && toNs >= stretch.toNs;
  const pushes = pushMoments(view, stretch, width);
  return (
    <svg class="ov" height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {!isFilled &&
        spans.map(([top, bottom]) => (
          <rect
            key={top}
            class="win"
            x={x(fromNs)}
            y={top}
            width={Math.max(0, x(toNs) - x(fromNs))}
            height={Math.max(0, bottom - top)}
          />
        ))}
      {view.steps.map(({ atNs, label }) => (
        <path key={`${atNs} ${label}`} class="mk" d={through(atNs)} />
      ))}
      <path class="pm" d={pushes.map(through).join('')} />
      <path class="cur" d={through(cursorNs)} />
      {hoverNs !== undefined && isShown(hoverNs) && (
        <g class="hair">
          <path d={through(hoverNs)} />
          <text
            x={x(hoverNs) + (x(hoverNs) > width - AXIS_RIGHT - 50 ? -5 : 5)}
            y={(spans[0]?.[0] ?? 0) + 10}
            text-anchor={x(hoverNs) > width - AXIS_RIGHT - 50 ? 'end' : 'start'}
          >
            {(hoverNs / 1e9).toFixed(2)} s
          </text>
        </g>
      )}
    </svg>
  );
}

/** The moments at which proxies took over a change, one per pixel or two. */
function pushMoments(view: RunView, { fromNs, toNs }: Stretch, width: number): readonly number[] {
  const stepNs = ((toNs - fromNs) / Math.max(1, width)) * 2;
  const moments = new Map<number, number>();
  for (const { atNs } of view.pushes)
    if (atNs > 0 && atNs >= fromNs && atNs <= toNs) moments.set(Math.round(atNs / stepNs), atNs);
  return [...moments.values()];
}
