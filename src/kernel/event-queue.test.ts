import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.ts';

/** Pushes and takes as told; the queue beside a sorted list. Times are never before the last taken. */
function run(steps: readonly (number | undefined)[], queue = new EventQueue(16)): void {
  const reference: { timeNs: number; sequence: number }[] = [];
  let sequence = 0;
  let nowNs = 0;
  const takeOne = () => {
    const expected = reference.shift();
    const head = queue.head();
    if (expected !== undefined && queue.takeUntil(expected.timeNs - 1) >= 0)
      throw new Error('took an event that is not due');
    const slot = queue.takeUntil(Number.POSITIVE_INFINITY);
    if (slot !== head) expect(slot).toBe(head);
    if (expected === undefined && slot < 0) return;
    const got = { timeNs: queue.timeNsOf(slot), sequence: queue.sequenceOf(slot) };
    if (got.timeNs !== expected?.timeNs || got.sequence !== expected.sequence) {
      expect(got).toEqual(expected);
    }
    nowNs = got.timeNs;
    if (queue.size !== reference.length) expect(queue.size).toBe(reference.length);
  };
  for (const delayNs of steps) {
    if (delayNs === undefined) takeOne();
    else {
      queue.push(nowNs + delayNs, sequence);
      let at = reference.length;
      while (at > 0 && reference[at - 1]!.timeNs > nowNs + delayNs) at--;
      reference.splice(at, 0, { timeNs: nowNs + delayNs, sequence: sequence++ });
    }
  }
  while (reference.length > 0) takeOne();
}

describe('the event queue', () => {
  it('gives events by time, then by sequence, whatever the distances', () => {
    const delayNs = fc.oneof(
      fc.constantFrom(0, 1, 1000, 4_194_304, 4_195_328, 1e9, 3.6e12, 2 ** 50),
      fc.nat(5000),
      fc.nat(2 ** 31 - 1),
    );
    const step = fc.oneof({ weight: 3, arbitrary: delayNs }, fc.constant(undefined));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => run(steps)),
      { seed: 2, numRuns: 200 },
    );
  });

  it('stays exact while it grows and while the width of its days is tuned', () => {
    const steps: (number | undefined)[] = [];
    let state = 1;
    const draw = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    // Sparse, then so dense that the days are far too wide, then sparse again, ties throughout.
    for (const [rangeNs, rounds] of [
      [1e9, 20_000],
      [500, 40_000],
      [1e7, 20_000],
    ] as const) {
      for (let index = 0; index < 300; index++) steps.push(draw(rangeNs));
      for (let index = 0; index < rounds; index++) steps.push(draw(rangeNs), undefined);
    }
    run(steps);
  });

  it('keeps the order of a burst at one instant', () => {
    const steps: (number | undefined)[] = [];
    for (let index = 0; index < 20_000; index++) steps.push(1_000_000);
    run(steps);
  });
});
