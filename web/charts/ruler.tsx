import type { RunView } from '#report/run-view.ts';
import { clientFlows, isFailure, sumsOf } from '../state/flow-sums.ts';
import { momentText } from '../state/formats.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { moveCursor } from '../state/time.ts';
import { AXIS_LEFT, AXIS_RIGHT, type Stretch, timeScale } from './axis.ts';
import { charts, stretchOf, zoomOut } from './chart-state.ts';
import { rangeDrag } from './range-drag.ts';
import { useSize } from './use-size.ts';

/** The story of a run at a glance: steps, failures, pushes; and the handle of the cursor. */
export function Ruler({ view, isSmall }: { readonly view: RunView; readonly isSmall?: boolean }) {
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const { ref, width } = useSize<HTMLDivElement>();
  const left = isSmall === true ? 10 : AXIS_LEFT;
  const right = isSmall === true ? 10 : AXIS_RIGHT;
  const zoom = useStore(charts, (state) => state.zoom);
  const stretch = isSmall === true ? stretchOf(view, undefined) : stretchOf(view, zoom);
  const scale = timeScale(width, stretch, left, right);
  const isShown = (ns: number) => ns >= stretch.fromNs && ns <= stretch.toNs;
  const height = isSmall === true ? 40 : 60;
  const toNs = (clientX: number) =>
    scale.invert(clientX - (ref.current?.getBoundingClientRect().left ?? 0));
  return (
    <div
      ref={ref}
      class={isSmall === true ? 'ruler small' : 'ruler'}
      role="slider"
      tabIndex={0}
      aria-label="Time"
      aria-valuemin={0}
      aria-valuemax={view.durationNs / 1e9}
      aria-valuenow={Number(momentText(cursorNs))}
      aria-valuetext={`${momentText(cursorNs)} seconds`}
      onPointerDown={(event) => rangeDrag(event, toNs, { isScrub: true })}
      onDblClick={zoomOut}
      onKeyDown={(event) => onKey(event)}
    >
      {width > 0 && (
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          <Heat view={view} x={scale} stretch={stretch} top={isSmall === true ? 14 : 18} />
          <Steps
            view={view}
            x={scale}
            stretch={stretch}
            isSmall={isSmall === true}
            right={width - right}
          />
          {isSmall !== true && <Pushes view={view} x={scale} stretch={stretch} width={width} />}
          <Seconds stretch={stretch} x={scale} height={height} isSmall={isSmall === true} />
          {isShown(cursorNs) && (
            <Handle x={scale(cursorNs)} top={isSmall === true ? 14 : 18} height={height} />
          )}
        </svg>
      )}
    </div>
  );
}

function onKey(event: KeyboardEvent): void {
  const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
  const { cursorNs, view } = page.state;
  if (event.key === 'Home') moveCursor(0);
  else if (event.key === 'End') moveCursor(view?.durationNs ?? 0);
  else if (direction !== 0) moveCursor(cursorNs + direction * (event.shiftKey ? 10e9 : 1e9));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

type X = (ns: number) => number;

function Heat({
  view,
  x,
  stretch,
  top,
}: {
  readonly view: RunView;
  readonly x: X;
  readonly stretch: Stretch;
  readonly top: number;
}) {
  const { fromNs, toNs } = stretch;
  const failures = sumsOf(view, clientFlows(view).filter(isFailure));
  const most = Math.max(1, ...failures);
  const width = x(view.bucketNs) - x(0) + 0.3;
  return (
    <>
      <rect x={x(fromNs)} y={top} width={x(toNs) - x(fromNs)} height={9} rx={2} class="heat" />
      {Array.from(failures, (count, bucket) =>
        count === 0 ||
        (bucket + 1) * view.bucketNs <= fromNs ||
        bucket * view.bucketNs >= toNs ? null : (
          <rect
            key={bucket}
            x={Math.max(x(fromNs), x(bucket * view.bucketNs))}
            y={top + 0.5}
            width={width}
            height={8}
            style={{ fill: 'var(--failing)', fillOpacity: 0.25 + (0.75 * count) / most }}
          />
        ),
      )}
    </>
  );
}

/** About how wide a letter of a step's name is. */
const LETTER = 6.4;

function Steps({
  view,
  x,
  stretch,
  isSmall,
  right,
}: {
  readonly view: RunView;
  readonly x: X;
  readonly stretch: Stretch;
  readonly isSmall: boolean;
  readonly right: number;
}) {
  return (
    <>
      {view.steps.map(({ atNs, label }, index) => {
        if (atNs < stretch.fromNs || atNs > stretch.toNs) return null;
        const left = x(atNs);
        // Several steps of one moment share a line; the first names it.
        if (view.steps[index - 1]?.atNs === atNs) return null;
        const next = view.steps.find((step) => step.atNs > atNs);
        const room =
          Math.min(next === undefined ? right + 40 : x(next.atNs), right + 60) - left - 6;
        const letters = Math.floor(room / LETTER);
        const text =
          label.length <= letters ? label : letters < 3 ? '' : `${label.slice(0, letters - 1)}…`;
        return (
          <g key={`${atNs} ${label}`}>
            <title>{`${momentText(atNs)} s: ${label}`}</title>
            <path class="mk" d={`M${left} ${isSmall ? 4 : 6}V${isSmall ? 24 : 34}`} />
            <text class="step" x={left + 4} y={isSmall ? 10 : 13}>
              {text}
            </text>
          </g>
        );
      })}
    </>
  );
}

function Pushes({
  view,
  x,
  stretch,
  width,
}: {
  readonly view: RunView;
  readonly x: X;
  readonly stretch: Stretch;
  readonly width: number;
}) {
  const shown = pushMarks(view, x, stretch);
  return (
    <>
      {shown.map(({ at, says }) => (
        <path key={at} class="push" d={`M${at} 29l3.5 6.5h-7z`}>
          <title>{says}</title>
        </path>
      ))}
      <text x={width - AXIS_RIGHT + 8} y={25}>
        failures
      </text>
      {shown.length > 0 && (
        <text x={width - AXIS_RIGHT + 8} y={38} style={{ fill: 'var(--accent)' }}>
          pushes
        </text>
      )}
    </>
  );
}

const NAMED_PUSHES = 6;

/** Pushes that fall on the same pixel are one mark, which names the first of them. */
function pushMarks(view: RunView, x: X, { fromNs, toNs }: Stretch) {
  const marks = new Map<number, string[]>();
  for (const { atNs, proxy } of view.pushes) {
    if (atNs <= 0 || atNs < fromNs || atNs > toNs) continue;
    const at = Math.round(x(atNs));
    const known = marks.get(at) ?? [];
    marks.set(at, known);
    known.push(`push reached ${proxy} at ${(atNs / 1e9).toFixed(2)} s`);
  }
  return [...marks].map(([at, lines]) => {
    const more = lines.length - NAMED_PUSHES;
    const says = lines.slice(0, NAMED_PUSHES).join('\n');
    return { at, says: more > 0 ? `${says}\nand ${more} more` : says };
  });
}

function Seconds({
  stretch,
  x,
  height,
  isSmall,
}: {
  readonly stretch: Stretch;
  readonly x: X;
  readonly height: number;
  readonly isSmall: boolean;
}) {
  const ticks = timeTicks(stretch, isSmall ? 3 : 6);
  return (
    <>
      {ticks.map((ns, index) => (
        <text
          key={ns}
          x={x(ns)}
          y={height - (isSmall ? 3 : 6)}
          text-anchor={
            isSmall ? (index === 0 ? 'start' : ns === stretch.toNs ? 'end' : 'middle') : 'middle'
          }
        >
          {momentText(ns)}
          {index === 0 || isSmall ? 's' : ''}
        </text>
      ))}
    </>
  );
}

/** Round moments, the end among them where it is one. */
function timeTicks({ fromNs, toNs }: Stretch, count: number): readonly number[] {
  const rough = (toNs - fromNs) / 1e9 / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const stepS =
    [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough;
  const first = Math.ceil(fromNs / 1e9 / stepS - 1e-9);
  const last = Math.floor(toNs / 1e9 / stepS + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * stepS * 1e9);
}

function Handle({
  x,
  top,
  height,
}: {
  readonly x: number;
  readonly top: number;
  readonly height: number;
}) {
  return (
    <>
      <path class="cur" d={`M${x} ${top - 3}V${height}`} />
      <rect x={x - 6} y={top - 2} width={12} height={13} rx={3} class="handle" />
    </>
  );
}
