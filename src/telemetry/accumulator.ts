import { BatchMeans } from './batch-means.ts';
import { Histogram } from './histogram.ts';
import type { RowId } from './recorder.ts';
import type { RowKind, RowTable } from './row-table.ts';

/** What of a run is to be counted: asked for before it starts. */
export interface AccumulatorRequest {
  readonly kinds: readonly RowKind[];
  /** Asked once for each row of these kinds, when it is first seen. */
  readonly matches: (rows: RowTable, row: RowId) => boolean;
  /** [from, to), by intended send time of requests and by event time otherwise. */
  readonly fromNs: number;
  readonly toNs: number;
  /** Whether durations are wanted, or the count only. */
  readonly durations: boolean;
}

/** Counts, within a window, what falls into the rows that match. */
export class Accumulator {
  count = 0;
  /** Rows that matched: 0 means that nothing of that kind was seen in the whole run. */
  rowCount = 0;
  readonly request: AccumulatorRequest;
  readonly histogram: Histogram | undefined;
  readonly batches: BatchMeans | undefined;
  readonly #fromNs: number;
  readonly #toNs: number;

  constructor(request: AccumulatorRequest) {
    this.request = request;
    this.#fromNs = request.fromNs;
    this.#toNs = request.toNs;
    this.histogram = request.durations ? new Histogram() : undefined;
    this.batches = request.durations ? new BatchMeans() : undefined;
  }

  add(atNs: number, durationNs: number): void {
    if (atNs < this.#fromNs || atNs >= this.#toNs) return;
    this.count++;
    if (this.histogram === undefined) return;
    this.histogram.record(durationNs);
    this.batches!.record(durationNs);
  }
}

/** What falls, within a window, into each row that matches. */
export interface RowTally {
  readonly request: AccumulatorRequest;
  /** In the order in which the rows were first seen. */
  readonly rows: { readonly row: RowId; readonly accumulator: Accumulator }[];
}
