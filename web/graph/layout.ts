import dagre from '@dagrejs/dagre';
import type { GraphModel } from './graph-model.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}

export interface GraphLayout {
  readonly points: ReadonlyMap<string, Point>;
  readonly boxes: ReadonlyMap<string, Rect>;
  readonly width: number;
  readonly height: number;
}

export interface GraphRoom {
  readonly width: number;
  readonly height: number;
}

/** Least room for a layer, and for a node beside others of its layer. */
const LAYER = 150;
const NEIGHBOUR = 92;
const NARROW = 480;

/** Layers left to right, top to bottom where it is narrow; the same graph, the same places. */
export function layoutOf(model: GraphModel, room: GraphRoom): GraphLayout {
  const isNarrow = room.width < NARROW;
  const graph = new dagre.graphlib.Graph({ compound: true });
  graph.setGraph({ rankdir: isNarrow ? 'TB' : 'LR', nodesep: 40, ranksep: 90 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of model.boxes) graph.setNode(box.id, {});
  for (const node of [...model.nodes].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    graph.setNode(node.id, { width: 60, height: 60 });
    if (node.box !== '') graph.setParent(node.id, node.box);
  }
  for (const { from, to } of model.edges) if (from !== to) graph.setEdge(from, to);
  dagre.layout(graph);
  const raw = new Map(
    model.nodes.map(({ id }) => [id, { x: graph.node(id).x ?? 0, y: graph.node(id).y ?? 0 }]),
  );
  return fitted(model, raw, room, isNarrow);
}

/** Stretched to the room there is; wider than it where nodes would touch. */
function fitted(
  model: GraphModel,
  raw: ReadonlyMap<string, Point>,
  room: GraphRoom,
  isNarrow: boolean,
): GraphLayout {
  const layers = new Set([...raw.values()].map(({ x, y }) => Math.round(isNarrow ? y : x)));
  const perLayer = new Map<number, number>();
  for (const { x, y } of raw.values()) {
    const layer = Math.round(isNarrow ? y : x);
    perLayer.set(layer, (perLayer.get(layer) ?? 0) + 1);
  }
  const along = layers.size * LAYER * (isNarrow ? 0.72 : 0.8);
  const across = Math.max(1, ...perLayer.values()) * NEIGHBOUR;
  // Nodes of a layer keep the distance that dagre gave them: the smallest must have room for names.
  const needed = Math.max(across, neededAcross(raw, isNarrow));
  const width = Math.max(room.width, isNarrow ? needed : along);
  const height = Math.max(room.height, isNarrow ? along : needed);
  const hasBoxes = model.boxes.length > 0;
  const pad = { left: 56, right: hasBoxes ? 66 : 56, top: hasBoxes ? 74 : 46, bottom: 62 };
  const xs = [...raw.values()].map(({ x }) => x);
  const ys = [...raw.values()].map(({ y }) => y);
  const spread = (value: number, all: readonly number[], from: number, to: number) => {
    const least = Math.min(...all);
    const most = Math.max(...all);
    return most === least
      ? (from + to) / 2
      : from + ((value - least) / (most - least)) * (to - from);
  };
  const points = new Map(
    [...raw].map(([id, { x, y }]) => [
      id,
      {
        x: spread(x, xs, pad.left, width - pad.right),
        y: spread(y, ys, pad.top, height - pad.bottom),
      },
    ]),
  );
  return { points, boxes: boxesOf(model, points, isNarrow), width, height };
}

/** How wide the layers must be for their closest nodes to be `NEIGHBOUR` apart. */
function neededAcross(raw: ReadonlyMap<string, Point>, isNarrow: boolean): number {
  const places = [...raw.values()].map(({ x, y }) =>
    isNarrow ? { layer: y, at: x } : { layer: x, at: y },
  );
  const all = places.map(({ at }) => at);
  const extent = Math.max(...all) - Math.min(...all);
  let closest = Number.POSITIVE_INFINITY;
  for (const a of places)
    for (const b of places)
      if (a !== b && Math.abs(a.layer - b.layer) < 30 && Math.abs(a.at - b.at) > 1)
        closest = Math.min(closest, Math.abs(a.at - b.at));
  return Number.isFinite(closest) ? Math.min(1600, (extent / closest) * (NEIGHBOUR - 14) + 136) : 0;
}

function boxesOf(
  model: GraphModel,
  points: Map<string, Point>,
  isNarrow: boolean,
): ReadonlyMap<string, Rect> {
  const boxes = new Map<string, Rect>();
  for (const box of model.boxes) {
    const members = model.nodes.filter((node) => node.box === box.id && node.shape !== 'rhombus');
    const places = members.flatMap(({ id }) => points.get(id) ?? []);
    const gate = points.get(box.service);
    if (places.length === 0 || gate === undefined) continue;
    const xs = places.map(({ x }) => x);
    const ys = places.map(({ y }) => y);
    const left = isNarrow ? Math.min(...xs) - 50 : Math.min(gate.x, Math.min(...xs) - 60);
    const top = isNarrow ? gate.y : Math.min(...ys) - 66;
    const right = Math.max(...xs) + 50;
    const bottom = Math.max(...ys) + 52;
    boxes.set(box.id, { x: left, y: top, width: right - left, height: bottom - top });
    // The service stands on the border of its box.
    if (!isNarrow)
      points.set(box.service, { x: left, y: Math.max(top + 40, Math.min(bottom - 20, gate.y)) });
  }
  return boxes;
}
