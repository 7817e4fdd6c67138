import type {
  RunView,
  ViewBadge,
  ViewEdge,
  ViewFlow,
  ViewLatency,
  ViewNode,
  ViewPod,
  ViewWeights,
} from '#report/run-view.ts';
import type { GraphKind } from '../state/page-state.ts';

/** The graph of a run as one of Kiali's kinds: which nodes and edges there are, whatever the time. */
export interface GraphModel {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly boxes: readonly GraphBox[];
}

export interface GraphNode {
  readonly id: string;
  readonly shape: 'circle' | 'rhombus' | 'trapezoid';
  readonly name: string;
  readonly fact: string;
  readonly version: string;
  readonly pods: readonly ViewPod[];
  readonly badges: readonly ViewBadge[];
  readonly clients: readonly string[];
  /** Id of the box it stands in; '' for none. */
  readonly box: string;
}

export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Of proxies towards others: what is counted on this edge. */
  readonly flows: readonly ViewFlow[];
  readonly protocol: 'http' | 'grpc' | 'tcp';
  readonly isMutualTls: boolean;
  readonly isMirror: boolean;
  /** Whose latency is shown: what a workload sends to a service, or what a workload answers. */
  readonly latencies: readonly ViewLatency[];
}

/** An app with its versions, behind its service. */
export interface GraphBox {
  readonly id: string;
  readonly name: string;
  readonly service: string;
}

/** A graph of more nodes is a large one. */
const MOST_DRAWN = 120;

/**
 * Large graphs are drawn on a canvas and laid out in linear time. While a large mesh runs its nodes come in
 * one after the other, and there is no time to lay out each of those graphs with care.
 */
export function isLargeGraph({ nodes, isOver }: RunView, model: GraphModel): boolean {
  return model.nodes.length > MOST_DRAWN || (!isOver && nodes.length > MOST_DRAWN);
}

export function graphModel(view: RunView, kind: GraphKind): GraphModel {
  const byId = new Map(view.nodes.map((node) => [node.id, node]));
  const split = kind === 'versioned' ? splitServices(view) : new Set<string>();
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GrowingEdge>();
  const flowsOf = flowsByEdge(view);
  const latencies = latencyIndex(view);
  const boxes = new Map<string, GraphBox>();
  const add = (id: string, box = ''): string => {
    const place = placeOf(id, kind, byId, view);
    const known = nodes.get(place.id);
    if (known === undefined) nodes.set(place.id, { ...place, box });
    else if (box !== '' && known.box === '') nodes.set(place.id, { ...known, box });
    return place.id;
  };
  const link = (
    from: string,
    to: string,
    { isMutualTls, isMirror, protocol }: ViewEdge,
    flows: readonly ViewFlow[],
    latencyKey: string,
  ) => {
    const id = `${from}→${to}${isMirror ? ' mirror' : ''}`;
    const facts = { id, from, to, protocol, isMutualTls, isMirror };
    const edge = edges.get(id) ?? { ...facts, flows: [], latencies: [] };
    edges.set(id, edge);
    edge.flows.push(...flows);
    const latency = latencies.get(latencyKey);
    if (latency !== undefined && !edge.latencies.includes(latency)) edge.latencies.push(latency);
  };
  view.edges.forEach((edge, index) => {
    const flows = flowsOf.get(index) ?? [];
    if (flows.length === 0) return;
    const from = add(edge.from);
    const ofEdge = `edge ${edge.from} ${edge.service}`;
    if (split.has(edge.service)) {
      const service = byId.get(edge.service);
      const box = `box ${edge.service}`;
      boxes.set(box, { id: box, name: `app ${service?.name ?? ''}`, service: edge.service });
      const gate = add(edge.service, box);
      link(from, gate, edge, flows, ofEdge);
      if (edge.to !== '') link(gate, add(edge.to, box), edge, flows, `workload ${edge.to} `);
      return;
    }
    const to = edge.to !== '' && kind !== 'service' ? edge.to : edge.service;
    if (to === '') return;
    link(from, add(to), edge, flows, ofEdge);
  });
  // Workloads that send for a client are there before anything was sent.
  for (const node of view.nodes) if (node.clients.length > 0) add(node.id);
  return { nodes: [...nodes.values()], edges: [...edges.values()], boxes: [...boxes.values()] };
}

interface GrowingEdge extends GraphEdge {
  readonly flows: ViewFlow[];
  readonly latencies: ViewLatency[];
}

function flowsByEdge(view: RunView): ReadonlyMap<number, readonly ViewFlow[]> {
  const found = new Map<number, ViewFlow[]>();
  for (const flow of view.flows) {
    if (flow.client !== '' || flow.edge < 0) continue;
    const known = found.get(flow.edge);
    if (known === undefined) found.set(flow.edge, [flow]);
    else known.push(flow);
  }
  return found;
}

function latencyIndex(view: RunView): ReadonlyMap<string, ViewLatency> {
  return new Map(view.latencies.map((one) => [`${one.kind} ${one.of} ${one.service}`, one]));
}

/**
 * Services that more than one workload answers for, or will by the weights that are written: the graph of
 * a run that has just begun is that of the run before.
 */
function splitServices(view: RunView): ReadonlySet<string> {
  const answerers = new Map<string, Set<string>>();
  for (const { service, to } of view.edges) {
    if (service === '' || to === '') continue;
    answerers.set(service, (answerers.get(service) ?? new Set()).add(to));
  }
  const isSplit = ([service, to]: readonly [string, ReadonlySet<string>]) =>
    to.size > 1 || weightsAt(view, service, view.durationNs) !== undefined;
  return new Set([...answerers].filter(isSplit).map(([service]) => service));
}

function placeOf(
  id: string,
  kind: GraphKind,
  byId: ReadonlyMap<string, ViewNode>,
  view: RunView,
): Omit<GraphNode, 'box'> {
  const node = byId.get(id);
  if (node === undefined) return plainNode(id, id.split('/').at(-1) ?? id);
  if (kind === 'app' && node.app !== '' && node.kind === 'workload') {
    const parts = view.nodes.filter(
      (one) => one.app === node.app && one.namespace === node.namespace,
    );
    return {
      ...plainNode(`app ${node.namespace}/${node.app}`, node.app),
      fact: `${parts.length} ${parts.length === 1 ? 'version' : 'versions'}`,
      pods: parts.flatMap(({ pods }) => pods),
      clients: parts.flatMap(({ clients }) => clients),
      badges: parts.flatMap(({ badges }) => badges).slice(0, 1),
    };
  }
  if (kind === 'service' && node.kind === 'workload') {
    const service = view.edges.find(({ to }) => to === id)?.service ?? '';
    const found = byId.get(service);
    if (found !== undefined) return shapeOf(found);
  }
  return shapeOf(node);
}

function shapeOf(node: ViewNode): Omit<GraphNode, 'box'> {
  const isService = node.kind === 'service';
  const isOutside = node.kind === 'external' || node.kind === 'unknown';
  const pods = node.pods.length;
  return {
    id: node.id,
    shape: isService ? 'rhombus' : isOutside ? 'trapezoid' : 'circle',
    name: node.name,
    fact: isService ? '' : isOutside ? 'outside' : `${pods} ${pods === 1 ? 'pod' : 'pods'}`,
    version: node.version,
    pods: node.pods,
    badges: node.badges,
    clients: node.clients,
  };
}

function plainNode(id: string, name: string): Omit<GraphNode, 'box'> {
  return { id, shape: 'circle', name, fact: '', version: '', pods: [], badges: [], clients: [] };
}

/** The weights that hold for a service at a moment; undefined if it is not split by weights. */
export function weightsAt(view: RunView, service: string, atNs: number): ViewWeights | undefined {
  const name = service.split('/').at(-1);
  return view.weights.findLast(({ fromNs, host }) => fromNs <= atNs && host.split('.')[0] === name);
}
