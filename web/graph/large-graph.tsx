import { useMemo, useRef } from 'preact/hooks';
import type { RunView } from '#report/run-view.ts';
import { percentText, shortNumber } from '../state/formats.ts';
import { page } from '../state/page-state.ts';
import { deselect, select } from '../state/selecting.ts';
import { useStore } from '../state/store.ts';
import { useEffectInTurn } from '../state/turns.tsx';
import { summaryOf } from './drawn-graph.tsx';
import type { GraphModel, GraphNode } from './graph-model.ts';
import {
  type DrawnEdge,
  type GraphState,
  graphState,
  isFound,
  isSelectedEdge,
  useThresholds,
  useWindow,
} from './graph-state.ts';
import type { Health } from './health.ts';
import type { GraphLayout, Point } from './layout.ts';

interface LargeGraphProps {
  readonly view: RunView;
  readonly model: GraphModel;
  readonly layout: GraphLayout;
  readonly zoom: number;
}

/** Names are drawn from this scale on; below it only those of what is selected, found or failing. */
const NAMES_FROM = 0.55;
const MOST_NAMES = 40;
const DASHES: Readonly<Record<Health, readonly number[]>> = {
  healthy: [],
  degraded: [8, 4],
  failing: [4, 3],
  idle: [1, 4],
  tcp: [],
};
const ORDER: readonly Health[] = ['idle', 'healthy', 'tcp', 'degraded', 'failing'];
const MOST_ROWS = 12;

/** The graph of a large mesh: on a canvas, with the worst of it as a list for the keyboard. */
export function LargeGraph({ view, model, layout, zoom }: LargeGraphProps) {
  const selection = useStore(page, (state) => state.selection);
  const theme = useStore(page, (state) => state.theme);
  const find = useStore(page, (state) => state.find.trim().toLowerCase());
  const buckets = useWindow(view);
  const limits = useThresholds();
  const state = useMemo(
    () => graphState(view, model, layout, buckets, limits),
    [view, model, layout, buckets.from, buckets.to, limits],
  );
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = Math.ceil(layout.width * zoom);
  const height = Math.ceil(layout.height * zoom);
  useEffectInTurn(() => {
    const context = canvas.current?.getContext('2d');
    if (canvas.current === null || context === null || context === undefined) return;
    const ratio = Math.min(devicePixelRatio, Math.sqrt(MOST_PIXELS / (width * height)));
    canvas.current.width = width * ratio;
    canvas.current.height = height * ratio;
    context.setTransform(ratio * zoom, 0, 0, ratio * zoom, 0, 0);
    draw(context, { model, layout, state, zoom, find, selection });
  }, [state, width, height, find, selection, theme, zoom]);
  const onClick = (event: MouseEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined) return;
    const at = { x: (event.clientX - box.left) / zoom, y: (event.clientY - box.top) / zoom };
    const id = nearest(layout, at, 16 / zoom);
    deselect(['from', 'to']);
    if (id !== undefined && id !== selection.to) select({ to: id });
  };
  return (
    <div class="graphroom" style={{ width: `${width}px`, height: `${height}px` }}>
      <canvas
        ref={canvas}
        style={{ width: `${width}px`, height: `${height}px` }}
        role="img"
        aria-label={`${model.nodes.length} nodes. ${summaryOf(state.edges)}`}
        onClick={onClick}
      />
      <Worst edges={state.edges} model={model} />
    </div>
  );
}

/** A canvas of more pixels is refused by browsers, or takes long. */
const MOST_PIXELS = 8e6;

interface Drawing {
  readonly model: GraphModel;
  readonly layout: GraphLayout;
  readonly state: GraphState;
  readonly zoom: number;
  readonly find: string;
  readonly selection: typeof page.state.selection;
}

function draw(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { layout, state, zoom } = drawing;
  context.clearRect(0, 0, layout.width, layout.height);
  const colours = new Map(TOKENS.map((token) => [token, resolvedColour(context.canvas, token)]));
  const ink = (name: string) => colours.get(name) ?? 'gray';
  const thin = Math.max(1, 1 / zoom);
  for (const health of ORDER) drawEdges(context, drawing, health, ink(health), thin);
  drawNodes(context, drawing, ink, thin);
  if (state.edges.length > 0) drawNames(context, drawing, ink);
}

const TOKENS = [...ORDER, 'panel', 'text'];

/** A token as a colour that a canvas understands. */
function resolvedColour(canvas: HTMLCanvasElement, token: string): string {
  canvas.style.color = `var(--${token})`;
  return getComputedStyle(canvas).color;
}

/** All edges of one health in one path: that is what makes thousands quick. */
function drawEdges(
  context: CanvasRenderingContext2D,
  { state, selection, model }: Drawing,
  health: Health,
  colour: string,
  thin: number,
): void {
  const own = state.edges.filter(({ traffic }) => traffic.health === health);
  if (own.length === 0) return;
  const isIll = health === 'failing' || health === 'degraded';
  context.strokeStyle = colour;
  context.globalAlpha = isIll ? 1 : health === 'idle' ? 0.3 : 0.45;
  context.lineWidth = isIll ? 2 * thin : thin;
  context.setLineDash(DASHES[health].map((length) => length * thin));
  context.beginPath();
  for (const { segment } of own) {
    context.moveTo(segment.x1, segment.y1);
    context.lineTo(segment.x2, segment.y2);
  }
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (selection.to === undefined) return;
  context.lineWidth = 3 * thin;
  context.beginPath();
  for (const { edge, segment } of own) {
    if (!isSelectedEdge(edge, selection, model) && edge.from !== selection.to) continue;
    context.moveTo(segment.x1, segment.y1);
    context.lineTo(segment.x2, segment.y2);
  }
  context.stroke();
}

function drawNodes(
  context: CanvasRenderingContext2D,
  { model, layout, state, find, selection }: Drawing,
  ink: (name: string) => string,
  thin: number,
): void {
  context.fillStyle = ink('panel');
  for (const node of model.nodes) {
    const at = layout.points.get(node.id);
    if (at === undefined) continue;
    const health = state.healthOf.get(node.id) ?? 'idle';
    context.globalAlpha = find === '' || isFound(find, { name: node.name, health }) ? 1 : 0.2;
    context.strokeStyle = ink(health);
    context.lineWidth = (node.id === selection.to ? 5 : 2.5) * thin;
    context.beginPath();
    if (node.shape === 'circle') context.arc(at.x, at.y, 14, 0, 2 * Math.PI);
    else if (node.shape === 'rhombus') polygon(context, at, [0, -13, 13, 0, 0, 13, -13, 0]);
    else polygon(context, at, [-11, -9, 11, -9, 16, 9, -16, 9]);
    context.fill();
    context.stroke();
  }
  context.globalAlpha = 1;
}

function polygon(
  context: CanvasRenderingContext2D,
  { x, y }: Point,
  corners: readonly number[],
): void {
  for (let index = 0; index < corners.length; index += 2)
    context.lineTo(x + corners[index]!, y + corners[index + 1]!);
  context.closePath();
}

/** All names from near; from afar those that matter, in letters of constant size. */
function drawNames(
  context: CanvasRenderingContext2D,
  { model, layout, state, zoom, find, selection }: Drawing,
  ink: (name: string) => string,
): void {
  const isNear = zoom >= NAMES_FROM;
  const size = isNear ? 11 : 11 / zoom;
  context.font = `600 ${size}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textAlign = 'center';
  context.lineWidth = 3 * (size / 11);
  context.strokeStyle = ink('panel');
  context.fillStyle = ink('text');
  const isChosen = ({ id }: GraphNode) => id === selection.to || id === selection.from;
  const isNamed = (node: GraphNode) => {
    const health = state.healthOf.get(node.id) ?? 'idle';
    if (isNear || isChosen(node)) return true;
    return find === '' ? health === 'failing' : isFound(find, { name: node.name, health });
  };
  const named = model.nodes.filter(isNamed);
  // What is selected is named first: from afar a name that would stand on another is left out.
  const inOrder = [
    ...named.filter(({ id }) => id === selection.to),
    ...named.filter(({ id }) => id === selection.from),
    ...named.filter((node) => !isChosen(node)),
  ];
  const isFree = isNear ? () => true : freeOfOthers(size);
  for (const { id, name } of isNear ? inOrder : inOrder.slice(0, MOST_NAMES)) {
    const at = layout.points.get(id);
    const text = name.length > 20 ? `${name.slice(0, 19)}…` : name;
    if (at === undefined || !isFree(at, context.measureText(text).width / 2)) continue;
    context.strokeText(text, at.x, at.y + 16 + size);
    context.fillText(text, at.x, at.y + 16 + size);
  }
}

/** Whether a text of this half width has its place for itself; then it is taken. */
function freeOfOthers(height: number): (at: Point, half: number) => boolean {
  const taken: (Point & { readonly half: number })[] = [];
  return (at, half) => {
    const isFree = taken.every(
      (one) => Math.abs(one.y - at.y) >= height || Math.abs(one.x - at.x) >= one.half + half,
    );
    if (isFree) taken.push({ ...at, half });
    return isFree;
  };
}

function nearest(layout: GraphLayout, { x, y }: Point, within: number): string | undefined {
  let best: string | undefined;
  let least = within;
  for (const [id, at] of layout.points) {
    const distance = Math.hypot(at.x - x, at.y - y);
    if (distance >= least) continue;
    least = distance;
    best = id;
  }
  return best;
}

/** What fails most, as buttons. */
function Worst({
  edges,
  model,
}: {
  readonly edges: readonly DrawnEdge[];
  readonly model: GraphModel;
}) {
  const failing = edges
    .filter(({ traffic }) => traffic.errorShare > 0)
    .sort(
      (a, b) => b.traffic.errorShare * b.traffic.count - a.traffic.errorShare * a.traffic.count,
    );
  return (
    <details class="worst">
      <summary>
        {model.nodes.length} nodes,{' '}
        {failing.length === 0 ? 'nothing fails' : `${failing.length} edges fail`}
      </summary>
      <ul aria-label="Edges that fail most">
        {failing.slice(0, MOST_ROWS).map(({ edge, from, to, traffic }) => (
          <li key={edge.id}>
            <button
              type="button"
              class="plain"
              onClick={() => select({ from: edge.from, to: edge.to })}
            >
              {from.name} → {to.name} <b class="bad">{percentText(traffic.errorShare)}</b>{' '}
              <span class="muted">of {shortNumber(traffic.rate)}rps</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
