import type { GraphModel, GraphNode } from './graph-model.ts';

/** A node's layer, and its place among the nodes of that layer. */
export interface LayerSlot {
  readonly node: GraphNode;
  readonly layer: number;
  at: number;
}

/** A layer is broken into columns: of at least so many nodes. */
const LEAST_IN_COLUMN = 8;
const SWEEPS = 4;

/**
 * Layers for a large graph in linear time: longest paths from those that nobody calls, then each node
 * to the middle of its callers, a few times; full layers in several columns. `rowsPerColumn` is how many
 * rows a graph of as many columns would have in its room.
 */
export function layersOf(model: GraphModel, rowsPerColumn: number): LayerSlot[] {
  const nodes = [...model.nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const index = new Map(nodes.map((node, at) => [node.id, at]));
  const callees: number[][] = nodes.map(() => []);
  const callers: number[][] = nodes.map(() => []);
  for (const { from, to } of model.edges) {
    const a = index.get(from);
    const b = index.get(to);
    if (a === undefined || b === undefined || a === b) continue;
    callees[a]!.push(b);
    callers[b]!.push(a);
  }
  const depth = depthsOf(callees, callers);
  const layers: number[][] = [];
  depth.forEach((layer, node) => {
    while (layers.length <= layer) layers.push([]);
    layers[layer]!.push(node);
  });
  const place = new Float64Array(nodes.length);
  for (const layer of layers) spreadOut(layer, place);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const others = sweep % 2 === 0 ? callers : callees;
    const order = sweep % 2 === 0 ? layers : [...layers].reverse();
    for (const layer of order) {
      const wish = new Map(layer.map((node) => [node, meanOf(others[node]!, place, place[node]!)]));
      layer.sort((a, b) => wish.get(a)! - wish.get(b)! || a - b);
      spreadOut(layer, place);
    }
  }
  const most = Math.max(LEAST_IN_COLUMN, Math.round(Math.sqrt(nodes.length * rowsPerColumn)));
  return inColumns(layers, nodes, most);
}

/** The longest way from one that nobody calls; a call back to where one came from does not count. */
function depthsOf(callees: readonly number[][], callers: readonly number[][]): readonly number[] {
  const depth = new Array<number>(callees.length).fill(0);
  const state = new Uint8Array(callees.length);
  const order: number[] = [];
  const backward = new Set<string>();
  const visit = (root: number) => {
    const path: [node: number, next: number][] = [[root, 0]];
    state[root] = 1;
    while (path.length > 0) {
      const top = path[path.length - 1]!;
      const next = callees[top[0]]![top[1]++];
      if (next === undefined) {
        state[top[0]] = 2;
        order.push(top[0]);
        path.pop();
      } else if (state[next] === 1) backward.add(`${top[0]} ${next}`);
      else if (state[next] === 0) {
        state[next] = 1;
        path.push([next, 0]);
      }
    }
  };
  callers.forEach((list, node) => {
    if (list.length === 0) visit(node);
  });
  callers.forEach((_, node) => {
    if (state[node] === 0) visit(node);
  });
  for (const node of order.reverse())
    for (const callee of callees[node]!)
      if (!backward.has(`${node} ${callee}`))
        depth[callee] = Math.max(depth[callee]!, depth[node]! + 1);
  return depth;
}

function spreadOut(layer: readonly number[], place: Float64Array): void {
  layer.forEach((node, at) => {
    place[node] = (at + 0.5) / layer.length;
  });
}

function meanOf(others: readonly number[], place: Float64Array, own: number): number {
  if (others.length === 0) return own;
  return others.reduce((sum, other) => sum + place[other]!, 0) / others.length;
}

function inColumns(
  layers: readonly number[][],
  nodes: readonly GraphNode[],
  most: number,
): LayerSlot[] {
  const slots: LayerSlot[] = [];
  let column = 0;
  for (const layer of layers) {
    const columns = Math.max(1, Math.ceil(layer.length / most));
    const perColumn = Math.ceil(layer.length / columns);
    layer.forEach((node, at) => {
      const row = Math.floor(at / columns);
      slots.push({
        node: nodes[node]!,
        layer: column + (at % columns),
        at: (row + 0.5) / perColumn,
      });
    });
    column += columns;
  }
  return slots;
}
