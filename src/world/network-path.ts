/** Latency between two places. It changes only by `extraNs` and `isReset`. */
export interface NetworkPath {
  /** One way, away from who connected. */
  readonly requestNs: number;
  /** One way, back. */
  readonly responseNs: number;
  /** What jitter, loss and partitions add to a message sent now; absent = nothing ever does. */
  extraNs?(nowNs: number): number;
  /** Whether the message just timed ends its connection instead of arriving; absent = none ever does. */
  isReset?(nowNs: number): boolean;
}

/** What a listener's proxy adds to each request and each response. */
export interface Traversal {
  readonly requestNs: number;
  readonly responseNs: number;
}
