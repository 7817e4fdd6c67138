import type { EventTarget } from '#kernel/dispatcher.ts';

/** What happens to pods some time after it was asked for. */
export interface PodChanges {
  /** The control plane hears that pods came or went. */
  endpointsChanged(change: string, nowNs: number): void;
  restart(keys: readonly string[], workload: string): void;
  terminated(keys: readonly string[], nowNs: number): void;
  replaceOldest(workload: string, nowNs: number): void;
  nextRolloutStep(rollout: EventTarget): void;
}

/** Pods came or went; endpoints follow. */
export class EndpointChange implements EventTarget {
  readonly #mesh: PodChanges;
  readonly #change: string;

  constructor(mesh: PodChanges, change: string) {
    this.#mesh = mesh;
    this.#change = change;
  }

  onEvent(_event: number, nowNs: number): void {
    this.#mesh.endpointsChanged(this.#change, nowNs);
  }
}

/** Killed pods come back. */
export class Restart implements EventTarget {
  readonly #mesh: PodChanges;
  readonly #keys: readonly string[];
  readonly #workload: string;

  constructor(mesh: PodChanges, keys: readonly string[], workload: string) {
    this.#mesh = mesh;
    this.#keys = keys;
    this.#workload = workload;
  }

  onEvent(): void {
    this.#mesh.restart(this.#keys, this.#workload);
  }
}

/** Pods have had their time to drain. */
export class Termination implements EventTarget {
  readonly #mesh: PodChanges;
  readonly #keys: readonly string[];

  constructor(mesh: PodChanges, keys: readonly string[]) {
    this.#mesh = mesh;
    this.#keys = keys;
  }

  onEvent(_event: number, nowNs: number): void {
    this.#mesh.terminated(this.#keys, nowNs);
  }
}

/** Replaces the pods of a workload one by one. */
export class Rollout implements EventTarget {
  readonly #mesh: PodChanges;
  readonly #workload: string;
  #left: number;

  constructor(mesh: PodChanges, workload: string, count: number) {
    this.#mesh = mesh;
    this.#workload = workload;
    this.#left = count;
  }

  onEvent(_event: number, nowNs: number): void {
    this.#mesh.replaceOldest(this.#workload, nowNs);
    this.#left--;
    if (this.#left > 0) this.#mesh.nextRolloutStep(this);
  }
}
