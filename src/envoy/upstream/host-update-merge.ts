import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';

/** When the balancers last heard of one priority, and the timer that will tell them the rest. */
interface PendingUpdates {
  lastDeliveredNs: number;
  readonly timer: Timer;
}

/**
 * Whether a change may wait for others: it moved no host in or out, and not more than the window has
 * passed since the last delivery. Envoy counts whole milliseconds.
 *
 * @source envoy: source/common/upstream/cluster_manager_impl.cc, scheduleUpdate
 */
export function mayMerge(
  isMembershipChange: boolean,
  sinceLastDeliveryNs: number,
  windowMs: number,
): boolean {
  return !isMembershipChange && Math.floor(sinceLastDeliveryNs / 1e6) <= windowMs;
}

/**
 * Decides, for each priority of a cluster, when its balancers see a change of hosts: a change of
 * membership at once, a change of health, weight or metadata at once in quiet times, else together
 * with others when a whole window has passed since the first of them.
 *
 * @source envoy: source/common/upstream/cluster_manager_impl.cc, scheduleUpdate, applyUpdates
 */
export class HostUpdateMerge implements EventTarget {
  readonly #dispatcher: Dispatcher;
  readonly #windowMs: number;
  readonly #deliver: (priority: number) => void;
  readonly #pending: PendingUpdates[] = [];

  constructor(dispatcher: Dispatcher, windowMs: number, deliver: (priority: number) => void) {
    this.#dispatcher = dispatcher;
    this.#windowMs = windowMs;
    this.#deliver = deliver;
  }

  /** Delivers the change of `priority` now or later. */
  schedule(priority: number, isMembershipChange: boolean): void {
    if (this.#windowMs > 0) {
      const updates = this.#updatesOf(priority);
      const sinceNs = this.#dispatcher.nowNs - updates.lastDeliveredNs;
      if (mayMerge(isMembershipChange, sinceNs, this.#windowMs)) {
        // Later changes join the first one that waits: its timer is not started anew.
        if (!updates.timer.isEnabled) updates.timer.enable(this.#windowMs * 1e6);
        return;
      }
      updates.timer.disable();
      updates.lastDeliveredNs = this.#dispatcher.nowNs;
    }
    this.#deliver(priority);
  }

  /** The window of priority `event` is over. */
  onEvent(event: number, nowNs: number): void {
    this.#updatesOf(event).lastDeliveredNs = nowNs;
    this.#deliver(event);
  }

  /** Forgets what waits; for a cluster that goes away. */
  stop(): void {
    for (const updates of this.#pending) updates.timer.disable();
  }

  #updatesOf(priority: number): PendingUpdates {
    while (this.#pending.length <= priority) {
      this.#pending.push({
        lastDeliveredNs: Number.NEGATIVE_INFINITY,
        timer: this.#dispatcher.createTimer(this, this.#pending.length),
      });
    }
    return this.#pending[priority]!;
  }
}
