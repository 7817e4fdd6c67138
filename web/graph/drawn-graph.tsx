import { useMemo } from 'preact/hooks';
import type { RunView } from '#report/run-view.ts';
import { versionColour } from '../state/colours.ts';
import { percentText, shortNumber } from '../state/formats.ts';
import { page } from '../state/page-state.ts';
import { deselect, select } from '../state/selecting.ts';
import { useStore } from '../state/store.ts';
import { Edge, EdgeLabelBox, type EdgeText, sizeOfLabel } from './edge.tsx';
import { briefly, edgeText } from './edge-text.ts';
import { type GraphBox, type GraphModel, type GraphNode, weightsAt } from './graph-model.ts';
import {
  type DrawnEdge,
  graphState,
  isFound,
  isSelectedEdge,
  selectionOf,
  useThresholds,
  useWindow,
} from './graph-state.ts';
import { labelPlaces } from './label-places.ts';
import type { GraphLayout, Point, Rect } from './layout.ts';
import { MovingDots } from './moving-dots.tsx';
import { Node, nameLines } from './node.tsx';
import { podStates } from './pod-states.ts';
import { WeightSlider } from './weight-slider.tsx';

interface DrawnGraphProps {
  readonly view: RunView;
  readonly model: GraphModel;
  readonly layout: GraphLayout;
  readonly zoom: number;
}

const LETTER = 7;
const NARROW_LETTERS = 14;
/** Labels and facts would be too small to be read. */
const LEAST_ZOOM_FOR_TEXT = 0.6;

/** The graph as SVG: every node and edge takes the focus. */
export function DrawnGraph({ view, model, layout, zoom }: DrawnGraphProps) {
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const selection = useStore(page, (state) => state.selection);
  const isPlaying = useStore(page, (state) => state.isPlaying);
  const find = useStore(page, (state) => state.find.trim().toLowerCase());
  const buckets = useWindow(view);
  const limits = useThresholds();
  const { edges, healthOf, overflowing } = useMemo(
    () => graphState(view, model, layout, buckets, limits),
    [view, model, layout, buckets.from, buckets.to, limits],
  );
  const letters = lettersOf(layout, model);
  const misses = (node: GraphNode) =>
    find !== '' && !isFound(find, { name: node.name, health: healthOf.get(node.id) ?? 'idle' });
  const isQuiet = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return (
    <div
      class="graphroom"
      style={{ width: `${layout.width * zoom}px`, height: `${layout.height * zoom}px` }}
    >
      <svg
        width={layout.width * zoom}
        height={layout.height * zoom}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        class={zoom < LEAST_ZOOM_FOR_TEXT ? 'far' : ''}
        role="group"
        aria-label={summaryOf(edges)}
      >
        <Boxes model={model} layout={layout} />
        {edges.map(({ edge, from, to, segment, traffic }) => {
          const isSelected = isSelectedEdge(edge, selection, model);
          return (
            <Edge
              key={edge.id}
              segment={segment}
              traffic={traffic}
              isSelected={isSelected}
              isDim={misses(from) && misses(to)}
              isMutualTls={edge.isMutualTls}
              isMirror={edge.isMirror}
              isOverflowing={traffic.isOverflowing}
              name={`${from.name} to ${to.name}: ${shortNumber(traffic.rate)} requests a second, ${percentText(traffic.errorShare)} fail`}
              onSelect={() =>
                isSelected ? deselect(['from', 'to']) : select(selectionOf(edge, model))
              }
            />
          );
        })}
        {isPlaying && !isQuiet && <MovingDots edges={edges} cursorNs={cursorNs} />}
        {model.nodes.map((node) => {
          const at = layout.points.get(node.id);
          if (at === undefined) return null;
          const isSelected = selection.to === node.id && selection.from === undefined;
          return (
            <Node
              key={node.id}
              node={node}
              at={at}
              health={healthOf.get(node.id) ?? 'idle'}
              pods={podStates(view, node, cursorNs)}
              colour={
                node.box === '' || node.version === ''
                  ? 'var(--s8)'
                  : versionColour(view, node.version)
              }
              isSelected={isSelected}
              isDim={misses(node)}
              isCause={overflowing.has(node.id)}
              letters={letters}
              isBeside={isBeside(node, layout)}
              onSelect={() => {
                deselect(['from', 'to']);
                if (!isSelected) select({ to: node.id });
              }}
            />
          );
        })}
        <EdgeLabels view={view} model={model} layout={layout} edges={edges} misses={misses} />
        <BoxNames model={model} layout={layout} />
      </svg>
      {zoom >= LEAST_ZOOM_FOR_TEXT &&
        model.boxes.map((box) => (
          <BoxWeights key={box.id} view={view} box={box} layout={layout} zoom={zoom} />
        ))}
    </div>
  );
}

/** As many as fit between two layers, or neighbours where layers stand one above the other. */
function lettersOf(layout: GraphLayout, model: GraphModel): number {
  if (layout.isNarrow) return NARROW_LETTERS;
  const xs = [...new Set(model.nodes.map(({ id }) => Math.round(layout.points.get(id)?.x ?? 0)))];
  xs.sort((a, b) => a - b);
  let least = Number.POSITIVE_INFINITY;
  for (let index = 1; index < xs.length; index++)
    if (xs[index]! - xs[index - 1]! > 70) least = Math.min(least, xs[index]! - xs[index - 1]!);
  const room = Number.isFinite(least) ? least - 8 : 140;
  return Math.max(10, Math.min(19, Math.floor(room / LETTER)));
}

function isBeside(node: GraphNode, { alone, points, width }: GraphLayout): boolean {
  const x = points.get(node.id)?.x ?? 0;
  const longest = Math.max(...nameLines(node.name, NARROW_LETTERS).map(({ length }) => length));
  return alone.has(node.id) && node.box === '' && x + 34 + longest * LETTER < width;
}

function Boxes({ model, layout }: { readonly model: GraphModel; readonly layout: GraphLayout }) {
  return (
    <>
      {model.boxes.map((box) => {
        const rect = layout.boxes.get(box.id);
        return rect === undefined ? null : (
          <rect
            key={box.id}
            class="box"
            x={rect.x}
            y={rect.y}
            width={rect.width}
            height={rect.height}
            rx={8}
          />
        );
      })}
    </>
  );
}

const MAX_BOX_NAME = 30;

/** On the top border; beside the service where that stands there. */
function BoxNames({ model, layout }: { readonly model: GraphModel; readonly layout: GraphLayout }) {
  return (
    <>
      {model.boxes.map((box) => {
        const rect = layout.boxes.get(box.id);
        if (rect === undefined) return null;
        const plate = namePlate(box, rect, layout);
        return (
          <g key={box.id}>
            <rect class="plate" {...plate} rx={10} />
            <text class="nl" text-anchor="middle" x={plate.x + plate.width / 2} y={rect.y + 4}>
              {boxName(box)}
            </text>
          </g>
        );
      })}
    </>
  );
}

function boxName({ name }: GraphBox): string {
  return name.length > MAX_BOX_NAME ? `${name.slice(0, MAX_BOX_NAME - 1)}…` : name;
}

function namePlate(box: GraphBox, rect: Rect, layout: GraphLayout): Rect {
  const half = Math.min(rect.width / 2, boxName(box).length * 3.7 + 10);
  const x = boxNameX(rect, half, layout.points.get(box.service), layout.isNarrow);
  return { x: x - half, y: rect.y - 10, width: 2 * half, height: 20 };
}

function boxNameX(rect: Rect, half: number, gate: Point | undefined, isNarrow: boolean): number {
  if (!isNarrow || gate === undefined) return rect.x + rect.width / 2;
  const left = rect.x + half + 6;
  return gate.x - left > half + 16 ? left : rect.x + rect.width - half - 6;
}

function BoxWeights({
  view,
  box,
  layout,
  zoom,
}: {
  readonly view: RunView;
  readonly box: GraphBox;
  readonly layout: GraphLayout;
  readonly zoom: number;
}) {
  const weights = useStore(page, (state) => weightsAt(view, box.service, state.cursorNs));
  const rect = layout.boxes.get(box.id);
  if (rect === undefined || weights === undefined) return null;
  const [a = '', b = ''] = weights.parts.map(({ name }) => versionColour(view, name));
  // Where the service stands on top its edges leave downwards: the weights keep below them.
  const top = layout.isNarrow ? rect.y + rect.height - 27 : rect.y + 9;
  return (
    <div
      class="wt"
      style={{
        left: `${(rect.x + 12) * zoom}px`,
        width: `${(rect.width - 24) * zoom}px`,
        top: `${top * zoom}px`,
      }}
    >
      <WeightSlider weights={weights} colours={[a, b]} />
    </div>
  );
}

const NODE_HALF = 27;

function EdgeLabels({
  view,
  model,
  layout,
  edges,
  misses,
}: {
  readonly view: RunView;
  readonly model: GraphModel;
  readonly layout: GraphLayout;
  readonly edges: readonly DrawnEdge[];
  readonly misses: (node: GraphNode) => boolean;
}) {
  const labels = useStore(page, (state) => state.edgeLabels);
  const selection = useStore(page, (state) => state.selection);
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const texts = edges.map((one) => {
    const { edge, segment, traffic, share } = one;
    const isSelected = isSelectedEdge(edge, selection, model);
    const facts = { isTcp: edge.protocol === 'tcp', isMirror: edge.isMirror, share };
    return {
      ...one,
      isSelected,
      text: edgeText(traffic, labels, segment, facts),
      pending: isSelected ? pendingOf(view, one, cursorNs) : undefined,
    };
  });
  const shown = texts.filter(({ text }) => text.lines.length > 0 || text.error !== '');
  const wanted = shown.map(({ edge, segment, text, pending }) => {
    const hasPending = pending !== undefined;
    const brief = briefly(text);
    return {
      id: edge.id,
      segment,
      ...sizeOfLabel(text, hasPending),
      brief: brief === text ? undefined : sizeOfLabel(brief, hasPending),
    };
  });
  const key = wanted.map(({ id, width, height }) => `${id} ${width} ${height}`).join();
  const places = useMemo(
    () => labelPlaces(wanted, takenPlaces(model, layout), layout),
    [layout, model, key],
  );
  return (
    <>
      {shown.map(({ edge, from, to, text, traffic, isSelected, pending }) => {
        const at = places.get(edge.id);
        return at === undefined ? null : (
          <EdgeLabelBox
            key={edge.id}
            text={at.isBrief ? briefly(text) : (text satisfies EdgeText)}
            at={at}
            isFailing={traffic.health === 'failing'}
            isSelected={isSelected}
            isDim={misses(from) && misses(to)}
            pending={pending}
          />
        );
      })}
    </>
  );
}

/** Where nodes with their names, the titles of boxes and their weights stand. */
function takenPlaces(model: GraphModel, layout: GraphLayout): readonly Rect[] {
  const letters = lettersOf(layout, model);
  const nodes = model.nodes.flatMap((node) => {
    const at = layout.points.get(node.id);
    if (at === undefined) return [];
    const { x, y } = at;
    const body = {
      x: x - NODE_HALF,
      y: y - NODE_HALF,
      width: 2 * NODE_HALF,
      height: 2 * NODE_HALF,
    };
    if (node.box !== '' && node.shape === 'rhombus')
      return [{ x: x - 14, y: y - 34, width: 28, height: 48 }];
    const lines = nameLines(
      node.version !== '' && node.box !== '' ? node.version : node.name,
      letters,
    );
    const width = Math.max(...lines.map(({ length }) => length), node.fact.length) * LETTER + 4;
    const height = (lines.length + 1) * 13;
    if (isBeside(node, layout)) return [body, { x: x + 28, y: y - 14, width, height }];
    return [body, { x: x - width / 2, y: y + 25, width, height }];
  });
  const boxes = model.boxes.flatMap((box) => {
    const rect = layout.boxes.get(box.id);
    if (rect === undefined) return [];
    const { x, y, width, height } = rect;
    if (!layout.isNarrow) return [{ x, y: y - 10, width, height: 44 }];
    return [namePlate(box, rect, layout), { x, y: y + height - 27, width, height: 27 }];
  });
  return [...nodes, ...boxes];
}

function pendingOf(view: RunView, { edge }: DrawnEdge, atNs: number): number | undefined {
  const clusters = new Set(edge.flows.map(({ cluster }) => cluster));
  const gauges = view.gauges.filter(
    ({ kind, cluster, limit }) =>
      kind === 'pending' && limit !== undefined && clusters.has(cluster),
  );
  if (gauges.length === 0) return undefined;
  const bucket = Math.min(view.bucketCount - 1, Math.floor(Math.max(0, atNs - 1) / view.bucketNs));
  return Math.max(
    ...gauges.map(({ mean, limit }) => (mean[bucket] ?? 0) / Math.max(1, limit ?? 1)),
  );
}

export function summaryOf(edges: readonly DrawnEdge[]): string {
  const failing = edges.filter(({ traffic }) => traffic.errorShare > 0);
  const names = failing.slice(0, 3).map(({ from, to }) => `${from.name} to ${to.name}`);
  return `Traffic graph: ${edges.length} edges, ${failing.length === 0 ? 'none fails' : `failing: ${names.join(', ')}`}`;
}
