import type { RunView } from '#report/run-view.ts';
import { valueAt } from '../charts/lane-model.ts';
import type { GraphNode } from './graph-model.ts';
import type { PodState } from './node.tsx';

/** How busy each pod of a node is at a moment, and who has ejected it. */
export function podStates(view: RunView, node: GraphNode, atNs: number): readonly PodState[] {
  return node.pods.map(({ name, ip }) => {
    const ejectedBy = view.ejections
      .filter(
        ({ host, fromNs, toNs }) =>
          host.startsWith(`${ip}:`) && fromNs <= atNs && (toNs === undefined || toNs > atNs),
      )
      .map(({ proxy }) => proxy);
    const queues = view.gauges.filter(({ kind, pod }) => kind === 'queue' && pod === name);
    const held = queues.reduce((sum, { mean }) => sum + (valueAt(view, mean, atNs) || 0), 0);
    const most = Math.max(1, ...queues.flatMap(({ max }) => [...max]));
    const isBusy = view.edges.some(({ to }) => to === node.id);
    return { name, ejectedBy, fill: queues.length > 0 ? held / most : isBusy ? 0.5 : 0.3 };
  });
}
