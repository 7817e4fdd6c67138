import type { RunView, ViewGauge } from '#report/run-view.ts';
import { valueAt } from '../charts/lane-model.ts';
import type { GraphNode } from './graph-model.ts';
import type { PodState } from './node.tsx';

/** How busy each pod of a node is at a moment, and who has ejected it. */
export function podStates(view: RunView, node: GraphNode, atNs: number): readonly PodState[] {
  const { ofPod, ejectionsOf } = indexOf(view);
  const isBusy = view.isOver && node.pods.length > 0;
  return node.pods.map(({ name, ip }) => {
    const ejectedBy = (ejectionsOf.get(ip) ?? [])
      .filter(({ fromNs, toNs }) => fromNs <= atNs && (toNs === undefined || toNs > atNs))
      .map(({ proxy }) => proxy);
    const gauges = ofPod.get(name) ?? [];
    const queue = heldBy(view, gauges, 'queue', atNs) ?? 0;
    const inFlight = heldBy(view, gauges, 'serving', atNs);
    const most = Math.max(1, ...gauges.map(({ max }) => mostOf(max)));
    // By the root: a little work must be told from none.
    const fill = inFlight === undefined ? (isBusy ? 0.3 : 0) : Math.sqrt((inFlight + queue) / most);
    return { name, ejectedBy, fill, inFlight, queue };
  });
}

function heldBy(
  view: RunView,
  gauges: readonly ViewGauge[],
  kind: ViewGauge['kind'],
  atNs: number,
): number | undefined {
  const own = gauges.filter((gauge) => gauge.kind === kind);
  if (own.length === 0) return undefined;
  return own.reduce((sum, { mean }) => sum + (valueAt(view, mean, atNs) || 0), 0);
}

function mostOf(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

interface PodIndex {
  readonly ofPod: ReadonlyMap<string, readonly ViewGauge[]>;
  readonly ejectionsOf: ReadonlyMap<string, RunView['ejections']>;
}

const indices = new WeakMap<RunView, PodIndex>();

/** Gauges by pod and ejections by address: asked for at every frame. */
function indexOf(view: RunView): PodIndex {
  const known = indices.get(view);
  if (known !== undefined) return known;
  const ofPod = new Map<string, ViewGauge[]>();
  for (const gauge of view.gauges) {
    if (gauge.pod === '') continue;
    ofPod.set(gauge.pod, [...(ofPod.get(gauge.pod) ?? []), gauge]);
  }
  const ejectionsOf = new Map<string, (typeof view.ejections)[number][]>();
  for (const ejection of view.ejections) {
    const ip = ejection.host.replace(/:\d+$/, '');
    ejectionsOf.set(ip, [...(ejectionsOf.get(ip) ?? []), ejection]);
  }
  const made = { ofPod, ejectionsOf };
  indices.set(view, made);
  return made;
}
