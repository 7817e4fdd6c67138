/** What an event happens to. `event` is a small integer of the target's own. */
export interface EventTarget {
  onEvent(event: number, nowNs: number): void;
}

/** Made once by its owner, then enabled and disabled at will; pending at most once. */
export interface Timer {
  /** Fires once, `delayNs` from now. A timer that is already enabled starts anew. */
  enable(delayNs: number): void;
  disable(): void;
  readonly isEnabled: boolean;
}
