import type { GraphNode } from './graph-model.ts';
import type { EdgeTraffic } from './health.ts';
import type { Point } from './layout.ts';

export interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

const RADIUS: Readonly<Record<GraphNode['shape'], number>> = {
  circle: 22,
  rhombus: 11,
  trapezoid: 17,
};

/** From rim to rim, with room for the arrow. */
export function segmentOf(from: GraphNode, a: Point, to: GraphNode, b: Point): Segment {
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
  readonly name: string;
  readonly onSelect: () => void;
}

export function Edge({
  segment,
  traffic,
  isSelected,
  isDim,
  isMutualTls,
  name,
  onSelect,
}: EdgeProps) {
  const { x1, y1, x2, y2 } = segment;
  const path = `M${x1.toFixed(1)} ${y1.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}`;
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
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
      <path class={`e ${health}`} d={path} />
      <path
        class={`ah ${health}`}
        transform={`translate(${x2} ${y2}) rotate(${angle})`}
        d="M9 0-1-5v10z"
      />
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

interface EdgeLabelProps {
  readonly segment: Segment;
  readonly lines: readonly string[];
  readonly error: string;
  readonly isFailing: boolean;
  readonly isSelected: boolean;
  /** How full the pending queue is, from 0 to 1; undefined = there is none. */
  readonly pending: number | undefined;
}

/** Beside the line, never on it. */
export function EdgeLabelBox({
  segment,
  lines,
  error,
  isFailing,
  isSelected,
  pending,
}: EdgeLabelProps) {
  const { x1, y1, x2, y2 } = segment;
  const count = lines.length + (error === '' ? 0 : 1);
  if (count === 0) return null;
  const bar = isSelected && pending !== undefined ? 9 : 0;
  const width = Math.max(...lines.map(({ length }) => length), error.length) * 6.2 + 12;
  const height = count * 13 + 4 + bar;
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  let nx = (y2 - y1) / length;
  let ny = -(x2 - x1) / length;
  // Above a line that rises or lies, below one that falls; right of one that stands.
  const isFalling = (y2 - y1) / length > 0.12 && Math.abs(nx) < 0.9;
  if (isFalling ? ny < 0 : ny > 0) {
    nx = -nx;
    ny = -ny;
  }
  if (Math.abs(nx) >= 0.9 && nx < 0) nx = -nx;
  const away = (Math.abs(nx) * width) / 2 + (Math.abs(ny) * height) / 2 + 5;
  const x = (x1 + x2) / 2 + nx * away;
  const y = (y1 + y2) / 2 + ny * away;
  const top = y - height / 2;
  return (
    <g class={isSelected ? 'el sel' : 'el nb'}>
      <rect x={x - width / 2} y={top} width={width} height={height} rx={3} />
      {lines.map((line, index) => (
        <text key={line} text-anchor="middle" x={x} y={top + 12 + index * 13}>
          {line}
        </text>
      ))}
      {error !== '' && (
        <text
          class={isFailing ? 'er' : 'er w'}
          text-anchor="middle"
          x={x}
          y={top + 12 + lines.length * 13}
        >
          {error}
        </text>
      )}
      {bar > 0 && pending !== undefined && (
        <g>
          <title>Pending requests against their limit</title>
          <rect class="pendingframe" x={x - 20} y={top + height - 9} width={40} height={5} rx={1} />
          <rect
            class={pending > 0.25 ? 'pendingfill full' : 'pendingfill'}
            x={x - 20}
            y={top + height - 9}
            width={40 * Math.min(1, pending)}
            height={5}
            rx={1}
          />
        </g>
      )}
    </g>
  );
}
