/** What an event happens to. `event` is a small integer of the target's own. */
export interface EventTarget {
  onEvent(event: number, nowNs: number): void;
}

/**
 * Where the numbers of the events of the three busiest classes begin, sixteen each (and again every 64).
 * An engine compiles a call for the classes that it has met there: with one place for all, each event
 * would look its method up. A share of 4 % of W1 (bench/w1.mjs).
 */
export const OWN_CALL = { first: 16, second: 32, third: 48 } as const;

/** Made once by its owner, then enabled and disabled at will; pending at most once. */
export interface Timer {
  /** Fires once, `delayNs` from now. A timer that is already enabled starts anew. */
  enable(delayNs: number): void;
  disable(): void;
  readonly isEnabled: boolean;
}
