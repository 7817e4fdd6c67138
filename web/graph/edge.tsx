import type { GraphNode } from './graph-model.ts';
import type { EdgeTraffic } from './health.ts';
import type { LabelPlace } from './label-places.ts';
import type { Point } from './layout.ts';

export interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** Of calls to oneself: the middle of the node, above which the edge is a loop. */
  readonly loopAt?: Point;
}

/** How high the top of a loop is above the middle of its node. */
const LOOP_TOP = 50;
const LOOP_HALF = 9;

const RADIUS: Readonly<Record<GraphNode['shape'], number>> = {
  circle: 22,
  rhombus: 11,
  trapezoid: 17,
};

/** From rim to rim, with room for the arrow. */
export function segmentOf(from: GraphNode, a: Point, to: GraphNode, b: Point): Segment {
  if (from.id === to.id) {
    const y = a.y - LOOP_TOP;
    return { x1: a.x - LOOP_HALF, y1: y, x2: a.x + LOOP_HALF, y2: y, loopAt: a };
  }
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = Math.hypot(dx, dy) || 1;
  const ux = dx / length;
  const uy = dy / length;
  const start = RADIUS[from.shape] + 1;
  const end = RADIUS[to.shape] + 9;
  return { x1: a.x + ux * start, y1: a.y + uy * start, x2: b.x - ux * end, y2: b.y - uy * end };
}

interface EdgeProps {
  readonly segment: Segment;
  readonly traffic: EdgeTraffic;
  readonly isSelected: boolean;
  readonly isDim: boolean;
  readonly isMutualTls: boolean;
  readonly isMirror: boolean;
  /** Requests were turned away here: UO or UH. */
  readonly isOverflowing: boolean;
  readonly name: string;
  readonly onSelect: () => void;
}

export function Edge({
  segment,
  traffic,
  isSelected,
  isDim,
  isMutualTls,
  isMirror,
  isOverflowing,
  name,
  onSelect,
}: EdgeProps) {
  const { x1, y1, x2, y2 } = segment;
  const { path, arrow } = shapeOf(segment);
  const { health } = traffic;
  return (
    <g
      class={isDim ? 'edge dim' : 'edge'}
      role="button"
      tabindex={0}
      aria-pressed={isSelected}
      aria-label={name}
      onClick={onSelect}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onSelect();
      }}
    >
      {isSelected && <path class="halo" d={path} />}
      <path class="hit" d={path} />
      <path class={`e ${health} ${isMirror ? 'mirror' : ''}`} d={path} />
      {health === 'tcp' && <path class="tcpcore" d={path} />}
      <path class={`ah ${health}`} transform={arrow} d="M9 0-1-5v10z" />
      {isOverflowing && (
        <g
          class="bdg bad"
          transform={`translate(${x1 + (x2 - x1) * 0.8} ${y1 + (y2 - y1) * 0.8}) scale(.85)`}
        >
          <title>Requests were turned away here</title>
          <circle r="8" />
          <path d="M1-5-3 1h3l-1 4 4-6h-3z" />
        </g>
      )}
      {isMutualTls && Math.hypot(x2 - x1, y2 - y1) > 110 && (
        <g class="lock" transform={`translate(${x1 + (x2 - x1) * 0.12} ${y1 + (y2 - y1) * 0.12})`}>
          <title>mutual TLS</title>
          <circle r="6" />
          <path d="M-2.500-.5h5v3.500h-5zM-1.700-.5v-1.200a1.700 1.700 0 0 1 3.400 0v1.200" />
        </g>
      )}
    </g>
  );
}

/** The line, and where its arrow is. */
function shapeOf({ x1, y1, x2, y2, loopAt }: Segment) {
  if (loopAt !== undefined) {
    const { x, y } = loopAt;
    return {
      path: `M${x - LOOP_HALF} ${y - 21}C${x - 32} ${y - 60} ${x + 32} ${y - 60} ${x + LOOP_HALF + 4} ${y - 30}`,
      arrow: `translate(${x + LOOP_HALF + 4} ${y - 30}) rotate(115)`,
    };
  }
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return {
    path: `M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}`,
    arrow: `translate(${x2} ${y2}) rotate(${angle})`,
  };
}

/** What an edge says: how much, how fast; how much of it fails. */
export interface EdgeText {
  readonly lines: readonly string[];
  readonly error: string;
}

const LETTER = 6.2;
const LINE = 13;
const PENDING = 9;

/** Sizes go in steps, so that a label does not move with every digit. */
export function sizeOfLabel({ lines, error }: EdgeText, hasPending: boolean) {
  const letters = Math.max(0, ...lines.map(({ length }) => length), error.length);
  const count = lines.length + (error === '' ? 0 : 1);
  return {
    width: Math.ceil((letters * LETTER + 12) / 12) * 12,
    height: count * LINE + 4 + (hasPending ? PENDING : 0),
  };
}

interface EdgeLabelProps {
  readonly text: EdgeText;
  readonly at: LabelPlace;
  readonly isFailing: boolean;
  readonly isSelected: boolean;
  readonly isDim: boolean;
  /** How full the pending queue is, from 0 to 1; undefined = there is none. */
  readonly pending: number | undefined;
}

export function EdgeLabelBox({ text, at, isFailing, isSelected, isDim, pending }: EdgeLabelProps) {
  const { lines, error } = text;
  const { width, height } = sizeOfLabel(text, pending !== undefined);
  const top = at.y - height / 2;
  return (
    <g class={`el ${isSelected ? 'sel' : at.isOnLine ? 'on' : 'nb'} ${isDim ? 'dim' : ''}`}>
      <rect x={at.x - width / 2} y={top} width={width} height={height} rx={3} />
      {lines.map((line, index) => (
        <text key={line} text-anchor="middle" x={at.x} y={top + 12 + index * LINE}>
          {line}
        </text>
      ))}
      {error !== '' && (
        <text
          class={isFailing ? 'er' : 'er w'}
          text-anchor="middle"
          x={at.x}
          y={top + 12 + lines.length * LINE}
        >
          {error}
        </text>
      )}
      {pending !== undefined && (
        <g>
          <title>Pending requests against their limit</title>
          <rect
            class="pendingframe"
            x={at.x - 20}
            y={top + height - PENDING}
            width={40}
            height={5}
            rx={1}
          />
          <rect
            class={pending > 0.25 ? 'pendingfill full' : 'pendingfill'}
            x={at.x - 20}
            y={top + height - PENDING}
            width={40 * Math.min(1, pending)}
            height={5}
            rx={1}
          />
        </g>
      )}
    </g>
  );
}
