/**
 * Loaded before every test file (vitest.config.ts): whatever a test runs, a scenario or a proxy by itself,
 * is held against the invariants of `checked-run.ts` and `proxy-faults.ts`. What moves the clock further
 * waits for the end of the file, so that no test notices.
 */
import { afterAll, expect } from 'vitest';
import { LoneProxy } from '#mesh/lone-proxy.ts';
import { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';
import { checkAftermath, checkResult, checkStep } from './checked-run.ts';
import { heldAtRest, proxyFaults } from './proxy-faults.ts';

/** Looks during a run; each reads the stats of every proxy. */
const LOOKS = 4;
/** Longer than any client of an Envoy-level case waits. */
const LONE_AFTERMATH_NS = 40e9;
const PATCHED = Symbol.for('meshsim.checked');

const finished: (readonly [run: Run, result: RunResult])[] = [];
/** The proxy that was booted last: the next one, or the end of the file, is the end of its experiment. */
let lone: LoneProxy | undefined;

/** Test files share their modules: they are wrapped once, and the hook below is set for each file. */
const shared = globalThis as { [PATCHED]?: { end: () => void } };
shared[PATCHED] ??= { end: wrapAll() };
afterAll(() => shared[PATCHED]!.end());

function wrapAll(): () => void {
  const { finish } = Run.prototype;
  Run.prototype.finish = function (this: Run): RunResult {
    const stepNs = Math.max(250e6, this.experiment.scenario.durationNs / LOOKS);
    while (!this.isOver) {
      this.until(this.nowNs + stepNs);
      checkStep(this);
    }
    const result = finish.call(this);
    checkResult(this, result);
    finished.push([this, result]);
    return result;
  };
  const { boot } = LoneProxy.prototype;
  LoneProxy.prototype.boot = function (this: LoneProxy): void {
    endLone();
    lone = this;
    boot.call(this);
  };
  return () => {
    for (const [run, result] of finished.splice(0)) checkAftermath(run, result);
    endLone();
  };
}

function endLone(): void {
  const ended = lone;
  lone = undefined;
  if (ended === undefined) return;
  const { dispatcher, proxy } = ended;
  expect(proxyFaults(proxy), 'what must hold of a proxy').toEqual([]);
  dispatcher.runUntil(dispatcher.nowNs + LONE_AFTERMATH_NS);
  expect(heldAtRest(proxy), 'no proxy holds a stream at the end').toEqual([]);
}
