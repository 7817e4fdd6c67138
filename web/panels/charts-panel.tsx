import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { RunView } from '#report/run-view.ts';
import { AXIS_LEFT, AXIS_RIGHT, timeScale } from '../charts/axis.ts';
import { Lane } from '../charts/lane.tsx';
import { LANES } from '../charts/lanes.ts';
import { rangeDrag } from '../charts/range-drag.ts';
import { Ruler } from '../charts/ruler.tsx';
import { useSize } from '../charts/use-size.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
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
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const windowNs = useStore(page, (state) => state.windowNs);
  const former = useStore(page, (state) => (state.isComparing ? state.former?.view : undefined));
  const context = { view, former, windowNs };
  const drawn = useMemo(
    () => lanes.flatMap((id) => LANES.get(id)?.model({ ...context, cursorNs: 0 }) ?? []),
    [view, former, lanes],
  );
  const models = drawn.map((model) => {
    const now = LANES.get(lanes[drawn.indexOf(model)]!)!.model({ ...context, cursorNs });
    return { ...model, reading: now.reading };
  });
  const { ref, width } = useSize<HTMLDivElement>();
  const scale = timeScale(width, view.durationNs);
  const toNs = (clientX: number) =>
    scale.invert(clientX - (ref.current?.getBoundingClientRect().left ?? 0));
  const onPointerDown = (event: PointerEvent) => {
    const x = event.clientX - (ref.current?.getBoundingClientRect().left ?? 0);
    if (x < AXIS_LEFT || x > width - AXIS_RIGHT) return;
    if (event.target instanceof Element && event.target.closest('button,.datatable') !== null)
      return;
    rangeDrag(event, toNs, { isScrub: false });
  };
  return (
    <div
      class="lanes"
      ref={ref}
      onPointerDown={onPointerDown}
      tabIndex={0}
      role="group"
      aria-label="Charts over time"
    >
      {models.map((model) => (
        <Lane key={model.id} model={model} view={view} />
      ))}
      <CursorOverlay view={view} holder={ref} width={width} laneCount={models.length} />
    </div>
  );
}

/** The cursor, its window, steps and pushes: single lines through all lanes. */
function CursorOverlay({
  view,
  holder,
  width,
  laneCount,
}: {
  readonly view: RunView;
  readonly holder: { readonly current: HTMLDivElement | null };
  readonly width: number;
  readonly laneCount: number;
}) {
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const windowNs = useStore(page, (state) => state.windowNs);
  const range = useStore(page, (state) => state.selection.range);
  const [spans, setSpans] = useState<readonly (readonly [number, number])[]>([]);
  const known = useRef('');
  useLayoutEffect(() => {
    const figures = [...(holder.current?.querySelectorAll<HTMLElement>('.lane') ?? [])];
    const found = figures.map(
      (figure) => [figure.offsetTop + 22, figure.offsetTop + figure.offsetHeight] as const,
    );
    const key = JSON.stringify(found);
    if (key !== known.current) {
      known.current = key;
      setSpans(found);
    }
  });
  const x = timeScale(width, view.durationNs);
  const height = spans.at(-1)?.[1] ?? 0;
  if (width === 0 || laneCount === 0) return null;
  const through = (ns: number) =>
    spans.map(([top, bottom]) => `M${x(ns).toFixed(1)} ${top}V${bottom}`).join('');
  const [fromNs, toNs] = range ?? [Math.max(0, cursorNs - windowNs), cursorNs];
  const pushes = view.pushes.filter(({ atNs }) => atNs > 0 && atNs <= view.durationNs).slice(0, 60);
  return (
    <svg class="ov" height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {spans.map(([top, bottom]) => (
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
      <path class="pm" d={pushes.map(({ atNs }) => through(atNs)).join('')} />
      <path class="cur" d={through(cursorNs)} />
    </svg>
  );
}
