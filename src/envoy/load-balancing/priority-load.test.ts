import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostSetOf, hostsOf } from '../upstream/host-builder.ts';
import { HealthFlag } from '../upstream/host-health.ts';
import type { HostSet } from '../upstream/host-set.ts';
import { choosePriority, priorityOf } from './priority-load.ts';
import { PriorityState } from './priority-state.ts';

interface Counts {
  readonly healthy: number;
  readonly degraded?: number;
  readonly unhealthy?: number;
  readonly excluded?: number;
}

function priorityOfCounts(counts: Counts, priority: number): HostSet {
  const flags = [
    ...new Array<number>(counts.healthy).fill(0),
    ...new Array<number>(counts.degraded ?? 0).fill(HealthFlag.degradedEdsHealth),
    ...new Array<number>(counts.unhealthy ?? 0).fill(HealthFlag.failedOutlierCheck),
    ...new Array<number>(counts.excluded ?? 0).fill(HealthFlag.edsStatusDraining),
  ];
  return hostSetOf({ priority, hosts: hostsOf(flags.map((healthFlags) => ({ healthFlags }))) });
}

function stateOf(priorities: readonly Counts[], panicThresholdPercent = 50): PriorityState {
  const state = new PriorityState(panicThresholdPercent);
  state.refresh(priorities.map(priorityOfCounts));
  return state;
}

describe('the loads of priorities', () => {
  it('are 70 and 30 when half of each of two priorities is healthy', () => {
    const half = { healthy: 1, unhealthy: 1 };
    expect(stateOf([half, half]).loads.healthy).toEqual([70, 30]);
  });

  it('go to degraded hosts only when healthy ones of all priorities cannot bear them', () => {
    const { loads } = stateOf([
      { healthy: 1, degraded: 1, unhealthy: 2 },
      { healthy: 1, unhealthy: 3 },
    ]);
    expect(loads).toEqual({ healthy: [35, 35], degraded: [30, 0] });
  });

  it('leave excluded hosts out of the ratio', () => {
    const p0 = { healthy: 6, degraded: 1, unhealthy: 2, excluded: 1 };
    const state = stateOf([p0, { healthy: 4 }]);
    expect(state.availability).toEqual({ healthy: [93, 100], degraded: [15, 0] });
    expect(state.loads.healthy).toEqual([93, 7]);
  });

  it('always add up to 100', () => {
    const counts = fc.record({
      healthy: fc.nat(6),
      degraded: fc.nat(4),
      unhealthy: fc.nat(6),
      excluded: fc.nat(3),
    });
    const priorities = fc.array(counts, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(priorities, fc.nat(100), (specs, threshold) => {
        const { healthy, degraded } = stateOf(specs, threshold).loads;
        const sum = [...healthy, ...degraded].reduce((total, load) => total + load, 0);
        expect(sum).toBe(100);
      }),
    );
  });

  it('are split at the percentage: numbers 0 to 69 mean the first priority of 70 and 30', () => {
    const loads = { healthy: [70, 0], degraded: [0, 30] };
    expect([0, 69, 70, 99].map((percent) => choosePriority(loads, percent))).toEqual([
      0,
      0,
      ~1,
      ~1,
    ]);
    expect(priorityOf(~1)).toBe(1);
  });
});

describe('panic', () => {
  it('begins below the threshold: 1 of 3 healthy is panic, 1 of 2 and 2 of 3 are not', () => {
    expect(stateOf([{ healthy: 1, unhealthy: 2 }]).panic).toEqual([true]);
    expect(stateOf([{ healthy: 1, unhealthy: 1 }]).panic).toEqual([false]);
    expect(stateOf([{ healthy: 2, unhealthy: 1 }]).panic).toEqual([false]);
  });

  it('is nowhere as long as all priorities together can bear the whole load', () => {
    const state = stateOf([{ healthy: 0, unhealthy: 4 }, { healthy: 4 }]);
    expect(state.panic).toEqual([false, false]);
    expect(state.loads.healthy).toEqual([0, 100]);
  });

  it('of all priorities shares the load by their hosts, healthy or not', () => {
    const state = stateOf([
      { healthy: 0, unhealthy: 1 },
      { healthy: 0, unhealthy: 2 },
    ]);
    expect(state.panic).toEqual([true, true]);
    expect(state.loads.healthy).toEqual([34, 66]);
  });

  it('never comes with threshold 0, and the load of nobody falls on the first priority', () => {
    const state = stateOf([{ healthy: 0, unhealthy: 3 }], 0);
    expect([state.panic, state.loads.healthy]).toEqual([[false], [100]]);
  });
});
