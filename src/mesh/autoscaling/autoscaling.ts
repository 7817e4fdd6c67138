import type { ResourceStore } from '#config/resource-store.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import { HorizontalAutoscaler, type ScaledWorkload } from './horizontal-autoscaler.ts';

/** What autoscalers act upon. */
export interface AutoscaledMesh {
  /** Undefined = there is no such workload. */
  scaledWorkload(workload: string): ScaledWorkload | undefined;
  scale(workload: string, to: number, nowNs: number): void;
  note(text: string, nowNs: number): void;
}

/** kube-controller-manager's `--horizontal-pod-autoscaler-sync-period`. */
const SYNC_NS = 15e9;

/** The HorizontalPodAutoscalers of a cluster, as manifests come and go. */
export class Autoscaling implements EventTarget {
  readonly #mesh: AutoscaledMesh;
  readonly #dispatcher: Dispatcher;
  readonly #autoscalers = new Map<object, { workload: string; at: HorizontalAutoscaler }>();
  #isTicking = false;

  constructor(mesh: AutoscaledMesh, dispatcher: Dispatcher) {
    this.#mesh = mesh;
    this.#dispatcher = dispatcher;
  }

  /** The cluster's objects have changed. One that stays keeps its memory. */
  update(store: ResourceStore): void {
    const resources = store.of('HorizontalPodAutoscaler');
    for (const known of [...this.#autoscalers.keys()])
      if (!resources.some((resource) => resource === known)) this.#autoscalers.delete(known);
    for (const resource of resources) {
      if (this.#autoscalers.has(resource)) continue;
      const workload = `${resource.metadata.namespace}/${resource.spec.scaleTargetRef?.name ?? ''}`;
      this.#autoscalers.set(resource, { workload, at: new HorizontalAutoscaler(resource.spec) });
    }
    if (this.#autoscalers.size === 0 || this.#isTicking) return;
    this.#isTicking = true;
    this.#dispatcher.schedule(SYNC_NS, this, 0);
  }

  onEvent(_event: number, nowNs: number): void {
    for (const { workload, at } of this.#autoscalers.values()) {
      const found = this.#mesh.scaledWorkload(workload);
      if (found === undefined || found.wanted === 0) continue;
      const to = at.sync(found, nowNs);
      if (to === found.wanted) continue;
      this.#mesh.note(`autoscaler: ${workload} from ${found.wanted} to ${to}`, nowNs);
      this.#mesh.scale(workload, to, nowNs);
    }
    this.#isTicking = this.#autoscalers.size > 0;
    if (this.#isTicking) this.#dispatcher.schedule(SYNC_NS, this, 0);
  }
}
