import type { Segment } from './edge.tsx';
import type { GraphEdge } from './graph-model.ts';
import type { EdgeTraffic } from './health.ts';

const MAX_DOTS = 40;

/** Requests running along edges while time plays; failing ones are small crosses. None at rest. */
export function MovingDots({
  edges,
  cursorNs,
}: {
  readonly edges: readonly {
    readonly edge: GraphEdge;
    readonly segment: Segment;
    readonly traffic: EdgeTraffic;
  }[];
  readonly cursorNs: number;
}) {
  const total = edges.reduce((sum, { traffic }) => sum + traffic.rate, 0);
  return (
    <g class="dots" aria-hidden="true">
      {edges.flatMap(({ edge, segment, traffic }) => {
        const share = total === 0 ? 0 : traffic.rate / total;
        const count = Math.min(6, Math.ceil(share * MAX_DOTS));
        if (traffic.rate === 0) return [];
        const failing = Math.round(traffic.errorShare * count);
        return Array.from({ length: count }, (_, index) => {
          const way = (cursorNs / 6e9 + index / count) % 1;
          const x = segment.x1 + (segment.x2 - segment.x1) * way;
          const y = segment.y1 + (segment.y2 - segment.y1) * way;
          return index < failing ? (
            <path
              key={`${edge.id} ${index}`}
              class="cross"
              d={`M${x - 3} ${y - 3}l6 6M${x + 3} ${y - 3}l-6 6`}
            />
          ) : (
            <circle key={`${edge.id} ${index}`} class="dot" cx={x} cy={y} r={2.6} />
          );
        });
      })}
    </g>
  );
}
