import type { ViewBadge } from '#report/run-view.ts';
import { shortNumber } from '../state/formats.ts';
import type { GraphNode } from './graph-model.ts';
import type { Health } from './health.ts';
import type { Point } from './layout.ts';

const BADGES = {
  'circuit-breaker': 'M1-5-3 1h3l-1 4 4-6h-3z',
  'virtual-service': 'M-3-4v8M-3 1c4 0 5-1 5-4',
  'missing-sidecar': 'M-4-4 4 4M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0',
  gateway:
    'M-4.500 0h9M0-4.500c-3 3-3 6 0 9M0-4.500c3 3 3 6 0 9M-4.500 0a4.500 4.500 0 1 0 9 0a4.500 4.500 0 1 0-9 0',
  source: 'M-5 0H3M0-3l3 3-3 3',
};

/** A pod as the window sees it. */
export interface PodState {
  readonly name: string;
  /** From 0 to 1. */
  readonly fill: number;
  /** Requests being worked on; undefined = not known. */
  readonly inFlight: number | undefined;
  readonly queue: number;
  /** The proxies that have ejected it. */
  readonly ejectedBy: readonly string[];
}

interface NodeProps {
  readonly node: GraphNode;
  readonly at: Point;
  readonly health: Health;
  readonly pods: readonly PodState[];
  readonly colour: string;
  readonly isSelected: boolean;
  readonly isDim: boolean;
  /** Its limits were met: the bolt is red. */
  readonly isCause: boolean;
  /** How many letters of its name there is room for. */
  readonly letters: number;
  /** The name stands beside it, not below. */
  readonly isBeside: boolean;
  readonly onSelect: () => void;
}

const MAX_DOTS = 5;
const LINE = 13;

export function Node({
  node,
  at,
  health,
  pods,
  colour,
  isSelected,
  isDim,
  isCause,
  letters,
  isBeside,
  onSelect,
}: NodeProps) {
  const out = pods.filter(({ ejectedBy }) => ejectedBy.length > 0).length;
  const name =
    node.box !== '' && node.version !== '' && node.shape === 'circle' ? node.version : node.name;
  const fact = out > 0 ? `${out} of ${pods.length} ejected` : node.fact;
  const isInBox = node.box !== '' && node.shape === 'rhombus';
  return (
    <g
      class={`nd ${isSelected ? 'sel' : ''} ${isDim ? 'dim' : ''}`}
      role="button"
      tabindex={0}
      aria-pressed={isSelected}
      data-node={node.id}
      onClick={onSelect}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onSelect();
      }}
    >
      <Shape
        shape={node.shape}
        at={at}
        health={health}
        title={`${node.name}${node.fact === '' ? '' : `, ${node.fact}`}`}
      />
      {node.shape === 'circle' && <Dots at={at} pods={pods} colour={colour} />}
      {!isInBox && (
        <NodeText
          lines={nameLines(name, letters)}
          fact={fact}
          isOut={out > 0}
          x={isBeside ? at.x + 30 : at.x}
          y={isBeside ? at.y - 2 : at.y + (node.shape === 'circle' ? 37 : 25)}
          anchor={isBeside ? 'start' : 'middle'}
          title={node.name}
        />
      )}
      {node.badges.map((badge, index) => (
        <Badge
          key={badge.says}
          badge={badge}
          x={at.x + badgeX(node, index)}
          y={at.y + (node.shape === 'rhombus' ? -25 : -17)}
          isBad={isCause && badge.kind === 'circuit-breaker'}
        />
      ))}
      {node.clients.length > 0 && (
        <Badge
          badge={{ kind: 'source', says: `Traffic source: ${node.clients.join(', ')}` }}
          x={at.x - 17}
          y={at.y - 17}
          isBad={false}
        />
      )}
    </g>
  );
}

/** Its name, in two lines if it is long, and a fact below. */
function NodeText({
  lines,
  fact,
  isOut,
  x,
  y,
  anchor,
  title,
}: {
  readonly lines: readonly string[];
  readonly fact: string;
  readonly isOut: boolean;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle';
  readonly title: string;
}) {
  return (
    <>
      {lines.map((line, index) => (
        <text key={line} class="nl" text-anchor={anchor} x={x} y={y + index * LINE}>
          {line}
          <title>{title}</title>
        </text>
      ))}
      <text
        text-anchor={anchor}
        class={isOut ? 'fact out' : 'fact'}
        x={x}
        y={y + lines.length * LINE}
      >
        {fact}
      </text>
    </>
  );
}

/** A long name is broken behind a hyphen or dot; what is too long even so is cut. */
export function nameLines(name: string, letters: number): readonly string[] {
  if (name.length <= letters) return [name];
  const breaks = [...name.matchAll(/[-.]/g)].map(({ index }) => index + 1);
  const at = breaks.findLast((place) => place <= letters) ?? letters;
  const rest = name.slice(at);
  const second = rest.length <= letters ? rest : `${rest.slice(0, letters - 1)}…`;
  return [name.slice(0, at), second];
}

function badgeX({ shape }: GraphNode, index: number): number {
  return shape === 'rhombus' ? index * 18 : 17 + index * 18;
}

function Shape({
  shape,
  at,
  health,
  title,
}: {
  readonly shape: GraphNode['shape'];
  readonly at: Point;
  readonly health: Health;
  readonly title: string;
}) {
  const { x, y } = at;
  const paths = {
    rhombus: `M${x} ${y - 12}l12 12-12 12-12-12z`,
    trapezoid: `M${x - 15} ${y - 10}h30l7 20h-44z`,
  };
  return shape === 'circle' ? (
    <circle class={`node ${health}`} cx={x} cy={y} r={22}>
      <title>{title}</title>
    </circle>
  ) : (
    <path class={`node ${health}`} d={paths[shape]}>
      <title>{title}</title>
    </path>
  );
}

/** Endpoints inside a workload: filled by what they hold, crossed out when ejected. */
function Dots({
  at,
  pods,
  colour,
}: {
  readonly at: Point;
  readonly pods: readonly PodState[];
  readonly colour: string;
}) {
  if (pods.length > MAX_DOTS)
    return (
      <text class="dotcount" text-anchor="middle" x={at.x} y={at.y + 4}>
        {pods.filter(({ ejectedBy }) => ejectedBy.length === 0).length}/{pods.length}
      </text>
    );
  const gap = pods.length > 3 ? 8.5 : 12;
  const radius = pods.length > 3 ? 3.4 : 4.6;
  return (
    <>
      {pods.map((pod, index) => {
        const x = at.x + (index - (pods.length - 1) / 2) * gap;
        const isOut = pod.ejectedBy.length > 0;
        const depth = radius - 0.6;
        return (
          <g key={pod.name}>
            <title>{podText(pod)}</title>
            <circle
              class="ep"
              cx={x}
              cy={at.y}
              r={radius}
              style={isOut ? {} : { stroke: colour }}
            />
            {isOut ? (
              <path class="cross" d={`M${x - 6} ${at.y - 6}l12 12M${x + 6} ${at.y - 6}l-12 12`} />
            ) : (
              pod.fill > 0.02 && (
                <path d={segmentPath(x, at.y, depth, pod.fill)} style={{ fill: colour }} />
              )
            )}
          </g>
        );
      })}
    </>
  );
}

function podText({ name, inFlight, queue, ejectedBy }: PodState): string {
  const parts = [
    name,
    ...(inFlight === undefined ? [] : [`${shortNumber(inFlight)} in flight`]),
    ...(queue > 0 ? [`${shortNumber(queue)} in its queue`] : []),
    ...(ejectedBy.length > 0 ? [`ejected by ${ejectedBy.join(', ')}`] : []),
  ];
  return parts.join(', ');
}

/** The lower part of a disc, as high as `share` of it. */
function segmentPath(x: number, y: number, radius: number, share: number): string {
  const height = (2 * Math.min(1, share) - 1) * radius; // Above the centre.
  const half = Math.sqrt(Math.max(0, radius * radius - height * height));
  const isLarge = height > 0 ? 1 : 0;
  return `M${x - half} ${y - height}A${radius} ${radius} 0 ${isLarge} 0 ${x + half} ${y - height}Z`;
}

function Badge({
  badge,
  x,
  y,
  isBad,
}: {
  readonly badge: Pick<ViewBadge, 'says'> & { readonly kind: keyof typeof BADGES };
  readonly x: number;
  readonly y: number;
  readonly isBad: boolean;
}) {
  return (
    <g class={isBad ? 'bdg bad' : 'bdg'} transform={`translate(${x} ${y})`}>
      <title>{badge.says}</title>
      <circle r="8" />
      <path d={BADGES[badge.kind]} />
    </g>
  );
}
