import type { RunView } from '#report/run-view.ts';
import { type Buckets, bucketsOf } from '../state/flow-sums.ts';
import { page, type Selection } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { type Segment, segmentOf } from './edge.tsx';
import type { GraphEdge, GraphModel, GraphNode } from './graph-model.ts';
import { type EdgeTraffic, type Health, trafficOf, worst } from './health.ts';
import type { GraphLayout } from './layout.ts';
import { type HealthThresholds, thresholds } from './thresholds.ts';

/** An edge with its place and what happened on it in the window. */
export interface DrawnEdge {
  readonly edge: GraphEdge;
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly segment: Segment;
  readonly traffic: EdgeTraffic;
  /** Of what leaves its source. */
  readonly share: number;
}

/** The graph as it is in the window: all that changes with time. */
export interface GraphState {
  readonly edges: readonly DrawnEdge[];
  readonly healthOf: ReadonlyMap<string, Health>;
  /** Nodes whose limits turned requests away. */
  readonly overflowing: ReadonlySet<string>;
}

/** The window that ends at the cursor, else the selected stretch of time. */
export function useWindow(view: RunView): Buckets {
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const windowNs = useStore(page, (state) => state.windowNs);
  const range = useStore(page, (state) => state.selection.range);
  const [fromNs, toNs] = range ?? [cursorNs - windowNs, cursorNs];
  return bucketsOf(view, fromNs, toNs);
}

export function useThresholds(): HealthThresholds {
  return useStore(thresholds, (state) => state);
}

export function graphState(
  view: RunView,
  model: GraphModel,
  layout: GraphLayout,
  buckets: Buckets,
  limits: HealthThresholds,
): GraphState {
  const byId = new Map(model.nodes.map((node) => [node.id, node]));
  const leaving = new Map<string, number>();
  const placed = model.edges.flatMap((edge) => {
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    const a = layout.points.get(edge.from);
    const b = layout.points.get(edge.to);
    if (from === undefined || to === undefined || a === undefined || b === undefined) return [];
    const traffic = trafficOf(view, edge, buckets, limits);
    if (!edge.isMirror) leaving.set(edge.from, (leaving.get(edge.from) ?? 0) + traffic.count);
    return [{ edge, from, to, segment: segmentOf(from, a, to, b), traffic }];
  });
  const edges = placed.map((one) => ({
    ...one,
    share: one.traffic.count / (leaving.get(one.edge.from) || 1),
  }));
  return {
    edges,
    healthOf: healthByNode(model, edges),
    overflowing: new Set(
      edges.flatMap(({ edge, traffic }) => (traffic.isOverflowing ? [edge.to] : [])),
    ),
  };
}

/** A node is as well as the worst of what comes in; where nothing does, of what goes out. */
function healthByNode(model: GraphModel, edges: readonly DrawnEdge[]): ReadonlyMap<string, Health> {
  const into = new Map<string, Health[]>();
  const out = new Map<string, Health[]>();
  const add = (map: Map<string, Health[]>, id: string, health: Health) => {
    const list = map.get(id);
    if (list === undefined) map.set(id, [health]);
    else list.push(health);
  };
  for (const { edge, traffic } of edges) {
    add(into, edge.to, traffic.health);
    add(out, edge.from, traffic.health);
  }
  return new Map(model.nodes.map(({ id }) => [id, worst(into.get(id) ?? out.get(id) ?? [])]));
}

/** Of an edge out of a service the selection is by who calls it and who answers. */
export function selectionOf(edge: GraphEdge, model: GraphModel) {
  const box = model.boxes.find(({ service }) => service === edge.from);
  if (box === undefined) return { from: edge.from, to: edge.to };
  const callers = model.edges.filter(({ to }) => to === box.service);
  return callers.length === 1 ? { from: callers[0]!.from, to: edge.to } : { to: edge.to };
}

export function isSelectedEdge(edge: GraphEdge, selection: Selection, model: GraphModel): boolean {
  if (selection.to === undefined) return false;
  const own = selectionOf(edge, model);
  return own.to === selection.to && (own.from === selection.from || selection.from === undefined);
}

/** What `find` asks for: words of a name, `failing`, `idle`; with `!` in front those are left out. */
export function isFound(
  find: string,
  facts: { readonly name: string; readonly health: Health },
): boolean {
  const words = find.split(/\s+/).filter((word) => word !== '');
  return words.every((word) => {
    const isNot = word.startsWith('!');
    const wanted = isNot ? word.slice(1) : word;
    const holds = facts.name.toLowerCase().includes(wanted) || facts.health === wanted;
    return holds !== isNot;
  });
}
