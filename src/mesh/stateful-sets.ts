import type { ResourceOf } from '#config/resource.ts';
import type { Dispatcher } from '#kernel/dispatcher.ts';
import { type PodFacts, podKey } from './cluster/pod-facts.ts';
import { type OrderedSteps, type OrderedTask, OrderedUpdate } from './ordered-update.ts';

type StatefulSet = ResourceOf<'StatefulSet'>;

/** Its pods come and go one after another; rollouts are so in any case. */
export function isOrdered(set: StatefulSet | undefined): boolean {
  return set !== undefined && set.spec.podManagementPolicy !== 'Parallel';
}

/** What StatefulSets are doing: the newest order counts. */
export class StatefulSets {
  readonly #steps: OrderedSteps;
  readonly #dispatcher: Dispatcher;
  readonly #updates = new Map<string, OrderedUpdate>();

  constructor(steps: OrderedSteps, dispatcher: Dispatcher) {
    this.#steps = steps;
    this.#dispatcher = dispatcher;
  }

  scale(workload: string, from: number, to: number, readyNs: number, nowNs: number): void {
    const task: OrderedTask = { kind: from < to ? 'add' : 'remove' };
    const tasks = new Array<OrderedTask>(Math.abs(to - from)).fill(task);
    this.#begin(workload, tasks, readyNs, nowNs);
  }

  /** From the highest ordinal down to the partition. */
  rollout(
    { spec }: StatefulSet,
    workload: string,
    podsInTurn: readonly PodFacts[],
    readyNs: number,
    nowNs: number,
  ): void {
    if (spec.updateStrategy?.type === 'OnDelete') return;
    const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
    const pods = podsInTurn.slice(partition).reverse();
    const tasks = pods.map((pod): OrderedTask => ({ kind: 'replace', pod: podKey(pod) }));
    this.#begin(workload, tasks, readyNs, nowNs);
  }

  onGone(workload: string, nowNs: number): void {
    this.#updates.get(workload)?.onGone(nowNs);
  }

  #begin(workload: string, tasks: readonly OrderedTask[], readyNs: number, nowNs: number): void {
    this.#updates.get(workload)?.stop();
    const update = new OrderedUpdate(this.#steps, workload, tasks, readyNs, this.#dispatcher);
    this.#updates.set(workload, update);
    update.start(nowNs);
  }
}
