/**
 * Means of equal batches of a sequence, in order, for an interval around the mean of values that
 * depend on their neighbours (waiting times do). At most 64 batches are kept: when they are full,
 * neighbours are joined and a batch becomes twice as long.
 *
 * @source A. M. Law, "Simulation Modeling and Analysis", 5th ed., §9.5.3
 */
export class BatchMeans {
  #batchSize = 1;
  readonly #sums: number[] = [];
  #openSum = 0;
  #openCount = 0;

  record(value: number): void {
    this.#openSum += value;
    if (++this.#openCount < this.#batchSize) return;
    this.#sums.push(this.#openSum);
    this.#openSum = 0;
    this.#openCount = 0;
    if (this.#sums.length === MAX_BATCHES) this.#joinNeighbours();
  }

  /** The means of the complete batches, in order. */
  get means(): readonly number[] {
    return this.#sums.map((sum) => sum / this.#batchSize);
  }

  get batchSize(): number {
    return this.#batchSize;
  }

  #joinNeighbours(): void {
    for (let batch = 0; batch < MAX_BATCHES / 2; batch++) {
      this.#sums[batch] = this.#sums[2 * batch]! + this.#sums[2 * batch + 1]!;
    }
    this.#sums.length = MAX_BATCHES / 2;
    this.#batchSize *= 2;
  }
}

const MAX_BATCHES = 64;
