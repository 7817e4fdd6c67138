import type { EventTarget } from '#kernel/dispatcher.ts';

/** What happens to pods some time after it was asked for. */
export interface PodChanges {
  /** The control plane hears that pods came or went. */
  endpointsChanged(change: string, nowNs: number): void;
  restart(keys: Iterable<string>, workload: string): void;
  lossNoticed(keys: readonly string[], change: string, nowNs: number): void;
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

/** Kubernetes has noticed that a node is gone. */
export class LossNoticed implements EventTarget {
  readonly #mesh: PodChanges;
  readonly #keys: readonly string[];
  readonly #change: string;

  constructor(mesh: PodChanges, keys: readonly string[], change: string) {
    this.#mesh = mesh;
    this.#keys = keys;
    this.#change = change;
  }

  onEvent(_event: number, nowNs: number): void {
    this.#mesh.lossNoticed(this.#keys, this.#change, nowNs);
  }
}

/** Killed pods come back. */
export class Restart implements EventTarget {
  readonly #mesh: PodChanges;
  readonly #keys: Iterable<string>;
  readonly #workload: string;

  constructor(mesh: PodChanges, keys: Iterable<string>, workload: string) {
    this.#mesh = mesh;
    this.#keys = keys;
    this.#workload = workload;
  }

  onEvent(): void {
    this.#mesh.restart(this.#keys, this.#workload);
  }
}
