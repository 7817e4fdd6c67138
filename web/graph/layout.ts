import dagre from '@dagrejs/dagre';
import type { GraphModel, GraphNode } from './graph-model.ts';
import { layersOf } from './layers.ts';

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
  /** The least that all of it needs across the layers, whatever room there is. */
  readonly neededAcross: number;
  /** Layers stand one above the other. */
  readonly isNarrow: boolean;
  /** Nodes that are alone in their layer of a narrow graph: their names stand beside them. */
  readonly alone: ReadonlySet<string>;
}

export interface GraphRoom {
  readonly width: number;
  readonly height: number;
}

/** Least distance of two layers, and of two neighbours in a layer: room for names and labels. */
const WIDE = { layer: 108, neighbour: 78 };
const NARROW_GRAPH = { layer: 128, neighbour: 104 };
const NARROW_WIDTH = 480;
/** What a box needs around its members: above its weight and title, below names, in a narrow graph weights. */
const BOX_GAP = 28;
const BOX = { before: 62, after: 58, side: 50, weights: 24 };
/** A node on its way to its place: which layer, how far along it. */
interface Slot {
  readonly node: GraphNode;
  readonly layer: number;
  at: number;
}

/**
 * Layers left to right, top to bottom where it is narrow; the same graph, the same places. A large one is
 * laid out by `layers.ts`: dagre would take seconds.
 */
export function layoutOf(model: GraphModel, room: GraphRoom, isLarge: boolean): GraphLayout {
  const isNarrow = room.width < NARROW_WIDTH;
  const steps = isNarrow ? NARROW_GRAPH : WIDE;
  const [far, wide] = isNarrow ? [room.height, room.width] : [room.width, room.height];
  const rowsPerColumn = wide / steps.neighbour / Math.max(1, far / steps.layer);
  const slots = isLarge ? layersOf(model, rowsPerColumn) : dagreSlots(model, isNarrow);
  const layerCount = Math.max(0, ...slots.map(({ layer }) => layer)) + 1;
  const perLayer = byLayer(slots);
  const least = isNarrow ? NARROW_GRAPH : WIDE;
  const pad = paddingOf(model, isNarrow);
  const gap = isNarrow || isLarge ? () => least.neighbour : gapBetween;
  const needed = Math.max(
    0,
    ...perLayer.map((layer) => lengthOf(layer, gap)),
    ...(isNarrow || isLarge ? [] : model.boxes.map(({ id }) => besideBox(id, slots))),
  );
  const across = needed + pad.across[0] + pad.across[1];
  const shift = gateShift(slots, layerCount, isNarrow, isLarge);
  const shifted = shift.after[layerCount - 1] ?? 0;
  const along = (layerCount - 1) * least.layer + pad.along[0] + pad.along[1] + shifted;
  const width = Math.max(room.width, isNarrow ? across : along);
  const height = isNarrow ? along : Math.max(room.height, across);
  const limits = [pad.across[0], (isNarrow ? width : height) - pad.across[1]] as const;
  stretch(slots, limits);
  settle(slots, perLayer, model, limits, { gap, isNarrow, isLarge });
  const stepAlong =
    layerCount === 1
      ? 0
      : ((isNarrow ? height : width) - pad.along[0] - pad.along[1] - shifted) / (layerCount - 1);
  const points = new Map(
    slots.map((slot) => {
      const { node, layer, at } = slot;
      const by = isGate(slot) ? shift.after[layer]! : shift.before[layer]!;
      const far =
        layerCount === 1 ? (isNarrow ? height : width) / 2 : pad.along[0] + layer * stepAlong + by;
      return [node.id, isNarrow ? { x: at, y: far } : { x: far, y: at }];
    }),
  );
  const alone = isNarrow
    ? perLayer.filter((layer) => layer.length === 1).map(([slot]) => slot!.node.id)
    : [];
  const boxes = boxesOf(model, points, isNarrow);
  return { points, boxes, width, height, neededAcross: across, isNarrow, alone: new Set(alone) };
}

function dagreSlots(model: GraphModel, isNarrow: boolean): Slot[] {
  const graph = new dagre.graphlib.Graph({ compound: true });
  graph.setGraph({ rankdir: isNarrow ? 'TB' : 'LR', nodesep: 40, ranksep: 90 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of model.boxes) graph.setNode(box.id, {});
  const sorted = [...model.nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const node of sorted) {
    graph.setNode(node.id, { width: 60, height: 60 });
    if (node.box !== '') graph.setParent(node.id, node.box);
  }
  for (const { from, to } of model.edges) if (from !== to) graph.setEdge(from, to);
  dagre.layout(graph);
  const placed = sorted.map((node) => {
    const { x = 0, y = 0 } = graph.node(node.id);
    return { node, far: Math.round(isNarrow ? y : x), at: isNarrow ? x : y };
  });
  // Compound graphs have ranks for borders: what counts is the order of those with nodes.
  const ranks = [...new Set(placed.map(({ far }) => far))].sort((a, b) => a - b);
  return placed.map(({ node, far, at }) => ({ node, layer: ranks.indexOf(far), at }));
}

/** How far boxes stand behind the strangers in the layer of their service: a node's half, or its name. */
const GATE_SHIFT = 48;
const GATE_SHIFT_DOWN = 68;

/** Along the layers: what is added to each, and to the services that stand on borders in it. */
function gateShift(
  slots: readonly Slot[],
  layerCount: number,
  isNarrow: boolean,
  isLarge: boolean,
): { readonly before: readonly number[]; readonly after: readonly number[] } {
  const before: number[] = [];
  const after: number[] = [];
  let sum = 0;
  for (let layer = 0; layer < layerCount; layer++) {
    before.push(sum);
    const own = isLarge ? [] : slots.filter((slot) => slot.layer === layer);
    const isShared = own.some(isGate) && own.some(({ node }) => node.box === '');
    if (isShared) sum += isNarrow ? GATE_SHIFT_DOWN : GATE_SHIFT;
    after.push(sum);
  }
  return { before, after };
}

function byLayer(slots: readonly Slot[]): readonly (readonly Slot[])[] {
  const layers: Slot[][] = [];
  for (const slot of slots) {
    while (layers.length <= slot.layer) layers.push([]);
    layers[slot.layer]!.push(slot);
  }
  for (const layer of layers) layer.sort((a, b) => a.at - b.at || (a.node.id < b.node.id ? -1 : 1));
  return layers;
}

function paddingOf(model: GraphModel, isNarrow: boolean) {
  const hasBoxes = model.boxes.length > 0;
  return isNarrow
    ? { across: [62, 62] as const, along: [44, 86] as const }
    : {
        across: [hasBoxes ? 70 : 44, hasBoxes ? 62 : 56] as const,
        along: [70, hasBoxes ? 78 : 70] as const,
      };
}

/** From the first to the last of a box and of those beside it. */
function besideBox(box: string, slots: readonly Slot[]): number {
  const members = slots.filter(({ node }) => node.box === box);
  const layers = [...new Set(members.filter((slot) => !isGate(slot)).map(({ layer }) => layer))];
  const inside = Math.max(
    0,
    ...layers.map(
      (layer) => members.filter((slot) => slot.layer === layer && !isGate(slot)).length,
    ),
  );
  const outside = Math.max(
    0,
    ...layers.map(
      (layer) => slots.filter((slot) => slot.layer === layer && slot.node.box !== box).length,
    ),
  );
  const own = (inside - 1) * WIDE.neighbour;
  return outside === 0 ? own : own + BOX.after + BOX_GAP + (outside - 1) * WIDE.neighbour;
}

/** To the room there is; a lonely line goes through the middle. */
function stretch(slots: readonly Slot[], [from, to]: readonly [number, number]): void {
  const all = slots.map(({ at }) => at);
  const least = Math.min(...all);
  const most = Math.max(...all);
  for (const slot of slots)
    slot.at =
      most - least < 1
        ? (from + to) / 2
        : from + ((slot.at - least) / (most - least)) * (to - from);
}

const PASSES = 60;

/** Moves neighbours apart, and strangers out of boxes, until all have their room. */
function settle(
  slots: readonly Slot[],
  perLayer: readonly (readonly Slot[])[],
  model: GraphModel,
  [from, to]: readonly [number, number],
  {
    gap,
    isNarrow,
    isLarge,
  }: { readonly gap: Gap; readonly isNarrow: boolean; readonly isLarge: boolean },
): void {
  for (let pass = 0; pass < (isLarge ? 1 : PASSES); pass++) {
    for (const layer of perLayer) apart(layer, gap);
    if (!isNarrow && !isLarge)
      for (const box of model.boxes) {
        clear(box.id, slots);
        clearGate(box.id, slots);
      }
    for (const slot of slots) slot.at = Math.max(from, Math.min(to, slot.at));
  }
  for (const layer of perLayer) inOrder(layer, gap, from, to);
}

/** The service of a box stands on its border: it keeps no distance to others. */
function isGate({ node }: Slot): boolean {
  return node.box !== '' && node.shape === 'rhombus';
}

/** How far apart the middles of two neighbours of a layer must be. */
type Gap = (above: Slot, below: Slot) => number;

/** Of a node: up to its rim, down to the end of its text. */
const ABOVE = 24;
const BELOW = 50;
const CLEAR = 12;

/** Members of a box stand close; between boxes there is room for a title, weights and names. */
function gapBetween(above: Slot, below: Slot): number {
  const { box } = above.node;
  if (box === below.node.box) return WIDE.neighbour;
  const down = box === '' ? BELOW : BOX.after;
  return down + CLEAR + (below.node.box === '' ? ABOVE : BOX.before);
}

function lengthOf(layer: readonly Slot[], gap: Gap): number {
  const own = layer.filter((slot) => !isGate(slot));
  return own.reduce((sum, slot, index) => (index === 0 ? 0 : sum + gap(own[index - 1]!, slot)), 0);
}

function apart(layer: readonly Slot[], gap: Gap): void {
  const own = layer.filter((slot) => !isGate(slot));
  for (let index = 1; index < own.length; index++) {
    const above = own[index - 1]!;
    const below = own[index]!;
    const lack = gap(above, below) - (below.at - above.at);
    if (lack <= 0) continue;
    above.at -= lack / 2;
    below.at += lack / 2;
  }
}

/** Strangers before a box keep out of the way to its service. */
const BESIDE_GATE = 64;

function clearGate(box: string, slots: readonly Slot[]): void {
  const gate = slots.find((slot) => slot.node.box === box && isGate(slot));
  const members = slots
    .filter((slot) => slot.node.box === box && !isGate(slot))
    .map(({ at }) => at);
  if (gate === undefined || members.length === 0) return;
  const middle = (Math.min(...members) + Math.max(...members)) / 2;
  for (const slot of slots) {
    if (slot.layer !== gate.layer || slot.node.box !== '') continue;
    const away = slot.at - middle;
    const lack = BESIDE_GATE - Math.abs(away);
    if (lack > 0) slot.at += away >= 0 ? lack : -lack;
  }
}

/** Whoever does not belong to a box leaves the stretch between its first and last member. */
function clear(box: string, slots: readonly Slot[]): void {
  const members = slots.filter((slot) => slot.node.box === box && !isGate(slot));
  if (members.length === 0) return;
  const top = Math.min(...members.map(({ at }) => at)) - BOX.before - BOX_GAP - 34;
  const bottom = Math.max(...members.map(({ at }) => at)) + BOX.after + BOX_GAP;
  const first = Math.min(...members.map(({ layer }) => layer));
  const last = Math.max(...members.map(({ layer }) => layer));
  const middle = (top + bottom) / 2;
  for (const slot of slots) {
    if (slot.node.box === box || slot.layer < first || slot.layer > last) continue;
    if (slot.at <= top || slot.at >= bottom) continue;
    const isBelow = slot.at >= middle;
    const lack = isBelow ? bottom - slot.at : slot.at - top;
    slot.at += isBelow ? lack / 2 : -lack / 2;
    for (const member of members) member.at += isBelow ? -lack / 2 : lack / 2;
  }
}

/** The last word: nobody on top of another, as far as the room goes. */
function inOrder(layer: readonly Slot[], gap: Gap, from: number, to: number): void {
  const own = layer.filter((slot) => !isGate(slot));
  const gaps = own.map((slot, index) => (index === 0 ? 0 : gap(own[index - 1]!, slot)));
  const sum = gaps.reduce((total, one) => total + one, 0);
  const scale = sum > to - from ? (to - from) / sum : 1;
  let below = sum * scale;
  for (let index = 0; index < own.length; index++) {
    below -= gaps[index]! * scale;
    const low = index === 0 ? from : own[index - 1]!.at + gaps[index]! * scale;
    own[index]!.at = Math.max(low, Math.min(to - below, own[index]!.at));
  }
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
    const left = isNarrow
      ? Math.max(4, Math.min(...xs) - 52)
      : Math.min(gate.x, Math.min(...xs) - 60);
    const top = isNarrow ? gate.y : Math.min(...ys) - BOX.before;
    const right = Math.max(...xs) + BOX.side;
    const bottom = Math.max(...ys) + BOX.after + (isNarrow ? BOX.weights : 0);
    boxes.set(box.id, { x: left, y: top, width: right - left, height: bottom - top });
    // The service stands on the border of its box.
    if (isNarrow)
      points.set(box.service, { x: Math.max(left + 20, Math.min(right - 20, gate.x)), y: top });
    else {
      const middle = (Math.min(...ys) + Math.max(...ys)) / 2;
      points.set(box.service, { x: left, y: places.length > 1 ? middle : places[0]!.y });
    }
  }
  return boxes;
}
