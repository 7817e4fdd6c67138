import { useMemo } from 'preact/hooks';
import type { RunView } from '#report/run-view.ts';
import { useSize } from '../charts/use-size.ts';
import { Edge, EdgeLabelBox, segmentOf } from '../graph/edge.tsx';
import { type GraphEdge, type GraphModel, graphModel, weightsAt } from '../graph/graph-model.ts';
import { type EdgeTraffic, trafficOf, worst } from '../graph/health.ts';
import { type GraphLayout, layoutOf } from '../graph/layout.ts';
import { MovingDots } from '../graph/moving-dots.tsx';
import { Node } from '../graph/node.tsx';
import { podStates } from '../graph/pod-states.ts';
import { WeightSlider } from '../graph/weight-slider.tsx';
import { versionColour } from '../state/colours.ts';
import { bucketsOf } from '../state/flow-sums.ts';
import { momentText, msText, percentText, shortNumber } from '../state/formats.ts';
import { type EdgeLabel, type GraphKind, page } from '../state/page-state.ts';
import { deselect, select } from '../state/selecting.ts';
import { useStore } from '../state/store.ts';
import { MaximiseButton } from './requests-panel.tsx';
import { SelectionLine } from './selection-panel.tsx';

const KINDS: readonly (readonly [GraphKind, string])[] = [
  ['versioned', 'versioned app'],
  ['app', 'app'],
  ['workload', 'workload'],
  ['service', 'service'],
];
const LABELS: readonly (readonly [string, readonly EdgeLabel[]])[] = [
  ['rate | p99', ['rate', 'p99']],
  ['rate', ['rate']],
  ['p50 | p90', ['p50', 'p90']],
  ['rate | share', ['rate', 'share']],
  ['no labels', []],
];

/** Who calls whom, how often, and where it fails; in the window that ends at the cursor. */
export function GraphPanel() {
  const view = useStore(page, (state) => state.view);
  const tab = useStore(page, (state) => state.phoneTab);
  const kind = useStore(page, (state) => state.graphKind);
  const labels = useStore(page, (state) => state.edgeLabels);
  const find = useStore(page, (state) => state.find);
  return (
    <section class={`panel ${tab === 'graph' ? 'on' : ''}`} id="p-graph" aria-label="Graph">
      <div class="ph">
        <h2>Graph</h2>
        <WindowText />
        <span class="grow" />
        <input
          class="find hidephone"
          type="search"
          placeholder="Find"
          aria-label="Find in the graph"
          value={find}
          onInput={(event) => page.set({ find: event.currentTarget.value })}
        />
        <label class="select">
          <span class="sr">Kind of graph</span>
          <select
            value={kind}
            onChange={(event) =>
              page.set({
                graphKind:
                  KINDS.find(([id]) => id === event.currentTarget.value)?.[0] ?? 'versioned',
              })
            }
          >
            {KINDS.map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="select">
          <span class="sr">Edge labels</span>
          <select
            value={labels.join(' | ') || 'no labels'}
            onChange={(event) =>
              page.set({
                edgeLabels: LABELS.find(([name]) => name === event.currentTarget.value)?.[1] ?? [],
              })
            }
          >
            {LABELS.map(([name]) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <MaximiseButton panel="graph" />
      </div>
      {view === undefined ? (
        <p class="empty">The mesh appears when a scenario runs.</p>
      ) : (
        <Graph view={view} />
      )}
      {view !== undefined && <SelectionLine view={view} />}
    </section>
  );
}

function WindowText() {
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const windowNs = useStore(page, (state) => state.windowNs);
  return (
    <span class="muted nw">
      {momentText(Math.max(0, cursorNs - windowNs))}–{momentText(cursorNs)}s
    </span>
  );
}

function Graph({ view }: { readonly view: RunView }) {
  const kind = useStore(page, (state) => state.graphKind);
  const { ref, width, height } = useSize<HTMLDivElement>();
  const model = useMemo(() => graphModel(view, kind), [view, kind]);
  const shape = `${model.nodes.map(({ id, box }) => `${id}${box}`).sort()} ${model.edges.map(({ id }) => id).sort()}`;
  const layout = useMemo(
    () => (width === 0 ? undefined : layoutOf(model, { width, height })),
    [shape, width, height],
  );
  return (
    <div class="graph" ref={ref}>
      {layout !== undefined && <Drawn view={view} model={model} layout={layout} />}
    </div>
  );
}

function Drawn({
  view,
  model,
  layout,
}: {
  readonly view: RunView;
  readonly model: GraphModel;
  readonly layout: GraphLayout;
}) {
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const windowNs = useStore(page, (state) => state.windowNs);
  const selection = useStore(page, (state) => state.selection);
  const labels = useStore(page, (state) => state.edgeLabels);
  const isPlaying = useStore(page, (state) => state.isPlaying);
  const find = useStore(page, (state) => state.find.trim().toLowerCase());
  const [fromNs, toNs] = selection.range ?? [cursorNs - windowNs, cursorNs];
  const buckets = bucketsOf(view, fromNs, toNs);
  const byId = new Map(model.nodes.map((node) => [node.id, node]));
  const drawn = model.edges.flatMap((edge) => {
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    const a = layout.points.get(edge.from);
    const b = layout.points.get(edge.to);
    if (from === undefined || to === undefined || a === undefined || b === undefined) return [];
    return [
      {
        edge,
        from,
        to,
        segment: segmentOf(from, a, to, b),
        traffic: trafficOf(view, edge, buckets),
      },
    ];
  });
  const isEdgeSelected = (edge: GraphEdge) => isSelectedEdge(edge, selection, model);
  const healthOf = (id: string) => {
    const into = drawn.filter(({ edge }) => edge.to === id).map(({ traffic }) => traffic.health);
    const out = drawn.filter(({ edge }) => edge.from === id).map(({ traffic }) => traffic.health);
    return worst(into.length > 0 ? into : out);
  };
  const misses = (name: string) => find !== '' && !name.toLowerCase().includes(find);
  const isQuiet = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return (
    <div class="graphroom" style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
      <svg
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="group"
        aria-label={summaryOf(drawn)}
      >
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
        {drawn.map(({ edge, from, to, segment, traffic }) => (
          <Edge
            key={edge.id}
            segment={segment}
            traffic={traffic}
            isSelected={isEdgeSelected(edge)}
            isDim={misses(from.name) && misses(to.name)}
            isMutualTls={edge.isMutualTls}
            name={`${from.name} to ${to.name}: ${shortNumber(traffic.rate)} requests a second, ${percentText(traffic.errorShare)} fail`}
            onSelect={() =>
              isEdgeSelected(edge) ? deselect(['from', 'to']) : select(selectionOf(edge, model))
            }
          />
        ))}
        {isPlaying && !isQuiet && <MovingDots edges={drawn} cursorNs={cursorNs} />}
        {model.nodes.map((node) => {
          const at = layout.points.get(node.id);
          if (at === undefined) return null;
          return (
            <Node
              key={node.id}
              node={node}
              at={at}
              health={healthOf(node.id)}
              pods={podStates(view, node, cursorNs)}
              colour={
                node.box === '' || node.version === ''
                  ? 'var(--s8)'
                  : versionColour(view, node.version)
              }
              isSelected={selection.to === node.id && selection.from === undefined}
              isDim={misses(node.name)}
              isCause={drawn.some(
                ({ edge, traffic }) => edge.to === node.id && traffic.isOverflowing,
              )}
              onSelect={() => {
                const isOn = selection.to === node.id && selection.from === undefined;
                deselect(['from', 'to']);
                if (!isOn) select({ to: node.id });
              }}
            />
          );
        })}
        {drawn.map(({ edge, segment, traffic }) => {
          const isSelected = isEdgeSelected(edge);
          return (
            <EdgeLabelBox
              key={edge.id}
              segment={segment}
              lines={linesOf(traffic, labels, segmentLength(segment), edge, drawn)}
              error={traffic.errorShare > 0 ? `${percentText(traffic.errorShare)}err` : ''}
              isFailing={traffic.health === 'failing'}
              isSelected={isSelected}
              pending={isSelected ? pendingOf(view, edge, cursorNs) : undefined}
            />
          );
        })}
        {model.boxes.map((box) => {
          const rect = layout.boxes.get(box.id);
          if (rect === undefined) return null;
          const half = Math.min(rect.width / 2, box.name.length * 3.5 + 10);
          const x = rect.x + rect.width / 2;
          return (
            <g key={box.id}>
              <rect
                class="plate"
                x={x - half}
                y={rect.y - 10}
                width={2 * half}
                height={20}
                rx={10}
              />
              <text class="nl" text-anchor="middle" x={x} y={rect.y + 4}>
                {box.name.length > 30 ? `${box.name.slice(0, 29)}…` : box.name}
              </text>
            </g>
          );
        })}
      </svg>
      {model.boxes.map((box) => {
        const rect = layout.boxes.get(box.id);
        const weights = weightsAt(view, box.service, cursorNs);
        if (rect === undefined || weights === undefined) return null;
        const [a = '', b = ''] = weights.parts.map(({ name }) => versionColour(view, name));
        return (
          <div
            key={box.id}
            class="wt"
            style={{
              left: `${rect.x + 12}px`,
              width: `${rect.width - 24}px`,
              top: `${rect.y + 9}px`,
            }}
          >
            <WeightSlider weights={weights} colours={[a, b]} />
          </div>
        );
      })}
    </div>
  );
}

function segmentLength({
  x1,
  y1,
  x2,
  y2,
}: {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}): number {
  return Math.hypot(x2 - x1, y2 - y1);
}

/** Of an edge out of a service the selection is by who calls it and who answers. */
function selectionOf(edge: GraphEdge, model: GraphModel) {
  const box = model.boxes.find(({ service }) => service === edge.from);
  if (box === undefined) return { from: edge.from, to: edge.to };
  const callers = model.edges.filter(({ to }) => to === box.service);
  return callers.length === 1 ? { from: callers[0]!.from, to: edge.to } : { to: edge.to };
}

function isSelectedEdge(
  edge: GraphEdge,
  selection: { readonly from?: string; readonly to?: string },
  model: GraphModel,
): boolean {
  if (selection.to === undefined) return false;
  const own = selectionOf(edge, model);
  return own.to === selection.to && (own.from === selection.from || selection.from === undefined);
}

/** A short edge has room for its rate alone. */
function linesOf(
  traffic: EdgeTraffic,
  labels: readonly EdgeLabel[],
  length: number,
  edge: GraphEdge,
  drawn: readonly { readonly edge: GraphEdge; readonly traffic: EdgeTraffic }[],
): readonly string[] {
  if (labels.length === 0) return [];
  if (traffic.count === 0) return ['idle'];
  const siblings = drawn.filter((other) => other.edge.from === edge.from);
  const share = traffic.count / siblings.reduce((sum, other) => sum + other.traffic.count, 0);
  const texts = labels.flatMap((label): readonly string[] => {
    if (label === 'rate') return [`${shortNumber(traffic.rate)}rps`];
    if (label === 'share') return share > 0 && share < 1 ? [percentText(share)] : [];
    return Number.isFinite(traffic[label]) ? [`${label} ${msText(traffic[label])}`] : [];
  });
  const joined = texts.join(' | ');
  if (joined.length * 6.2 + 16 < length) return [joined];
  return length > 70 ? texts : texts.slice(0, 1);
}

function pendingOf(view: RunView, edge: GraphEdge, atNs: number): number | undefined {
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

function summaryOf(
  drawn: readonly {
    readonly from: { readonly name: string };
    readonly to: { readonly name: string };
    readonly traffic: EdgeTraffic;
  }[],
): string {
  const failing = drawn.filter(({ traffic }) => traffic.errorShare > 0);
  const names = failing.slice(0, 3).map(({ from, to }) => `${from.name} to ${to.name}`);
  return `Traffic graph: ${drawn.length} edges, ${failing.length === 0 ? 'none fails' : `failing: ${names.join(', ')}`}`;
}
