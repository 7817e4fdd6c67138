import { describe, expect, it } from 'vitest';
import { ResourceStore } from '#config/resource-store.ts';
import { Dispatcher } from '#kernel/dispatcher.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import { clusterView } from './cluster/cluster-view.ts';
import type { ConfigVersion, Generate } from './config-version.ts';
import { ContentPool } from './content-pool.ts';
import { ControlPlane } from './control-plane.ts';
import type { PushTimes } from './push-delay.ts';

const MS = 1_000_000;
const USUAL: PushTimes = {
  debounceNs: 100 * MS,
  maxDebounceNs: 10_000 * MS,
  p50Ns: 50 * MS,
  p99Ns: 500 * MS,
};
const AT_ONCE: PushTimes = { debounceNs: 0, maxDebounceNs: 0, p50Ns: 0, p99Ns: 0 };

const EMPTY: ClusterView = clusterView(ResourceStore.EMPTY, {
  injection: 'all',
  withoutSidecar: new Set(),
  replicas: new Map(),
  gone: new Set(),
});
const NOTHING: Generate = () => {
  throw new Error('no proxy asks in these tests');
};

function plane(times: PushTimes) {
  const dispatcher = new Dispatcher();
  const controlPlane = new ControlPlane(
    dispatcher,
    times,
    1,
    () => NOTHING,
    new ContentPool(),
    EMPTY,
  );
  const arrived: {
    readonly proxy: string;
    readonly version: ConfigVersion;
    readonly atNs: number;
  }[] = [];
  const subscriber = (name: string) => ({
    name,
    onVersion: (version: ConfigVersion, atNs: number) => {
      arrived.push({ proxy: name, version, atNs });
    },
  });
  return { dispatcher, controlPlane, arrived, subscriber };
}

describe('the control plane', () => {
  it('waits until changes have paused for 100 ms, then sends them as one', () => {
    const { dispatcher, controlPlane, arrived, subscriber } = plane(USUAL);
    controlPlane.subscribe(subscriber('a'), 0);
    for (const atMs of [0, 60, 120]) {
      dispatcher.runUntil(atMs * MS);
      controlPlane.changed(EMPTY, `change ${atMs}`, atMs * MS);
    }
    dispatcher.runUntil(60_000 * MS);
    expect(arrived).toHaveLength(1);
    expect(arrived[0]?.version.leavesNs).toBe(220 * MS);
    expect(arrived[0]?.version.change).toBe('change 0, change 60, change 120');
    expect(arrived[0]?.atNs).toBeGreaterThan(220 * MS);
  });

  it('waits no longer than 10 s while changes go on', () => {
    const { dispatcher, controlPlane } = plane(USUAL);
    for (let atMs = 0; atMs <= 12_000; atMs += 50) {
      dispatcher.runUntil(atMs * MS);
      controlPlane.changed(EMPTY, 'one more', atMs * MS);
    }
    expect(controlPlane.latest.number).toBe(1);
    expect(controlPlane.latest.leavesNs).toBe(10_000 * MS);
  });

  it('reaches each proxy after a way of its own, half of them within 50 ms', () => {
    const { dispatcher, controlPlane, arrived, subscriber } = plane(USUAL);
    for (let index = 0; index < 2000; index++)
      controlPlane.subscribe(subscriber(`proxy-${index}`), 0);
    controlPlane.changed(EMPTY, 'change', 0);
    dispatcher.runUntil(60_000 * MS);
    const ways = arrived.map(({ atNs }) => atNs / MS - 100).sort((a, b) => a - b);
    expect(ways).toHaveLength(2000);
    expect(Math.abs(ways[1000]! - 50)).toBeLessThan(6);
    expect(Math.abs(ways[1980]! - 500)).toBeLessThan(150);
  });

  it('is everywhere at the same instant when the way is nothing', () => {
    const { controlPlane, arrived, subscriber } = plane(AT_ONCE);
    controlPlane.subscribe(subscriber('a'), 0);
    controlPlane.subscribe(subscriber('b'), 0);
    controlPlane.changed(EMPTY, 'change', 0);
    expect(arrived.map(({ proxy, atNs }) => [proxy, atNs])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
  });

  it('gives a proxy that is made late what it would have had by then, and the rest when it is due', () => {
    const early = plane(USUAL);
    early.controlPlane.subscribe(early.subscriber('a'), 0);
    early.controlPlane.changed(EMPTY, 'change', 0);
    early.dispatcher.runUntil(60_000 * MS);
    const dueNs = early.arrived[0]!.atNs;

    const late = plane(USUAL);
    late.controlPlane.changed(EMPTY, 'change', 0);
    late.dispatcher.runUntil(dueNs - 1);
    expect(late.controlPlane.subscribe(late.subscriber('a'), dueNs - 1).number).toBe(0);
    late.dispatcher.runUntil(60_000 * MS);
    expect(late.arrived.map(({ atNs }) => atNs)).toEqual([dueNs]);

    const latest = plane(USUAL);
    latest.controlPlane.changed(EMPTY, 'change', 0);
    latest.dispatcher.runUntil(dueNs);
    expect(latest.controlPlane.subscribe(latest.subscriber('a'), dueNs).number).toBe(1);
  });
});
