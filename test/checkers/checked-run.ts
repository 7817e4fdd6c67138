import { expect } from 'vitest';
import type { EnvoyProxy } from '#envoy/proxy.ts';
import type { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';
import { heldAtRest, proxyFaults } from './proxy-faults.ts';

/** Looked at so often during a run. */
const STEP_NS = 250e6;
const AFTERMATH_NS = 600e9;

/**
 * Runs to the end in steps and asserts what must hold of every run: time never goes back, nothing is
 * counted below zero, requests are conserved, ejections come in pairs with returns, and at the end no
 * pool has an active or waiting stream and every connection that was opened is open or closed.
 */
export function checkedRun(run: Run): RunResult {
  let beforeNs = -1;
  while (!run.isOver) {
    run.until(run.nowNs + STEP_NS);
    expect(run.nowNs, 'time never goes back').toBeGreaterThanOrEqual(beforeNs);
    beforeNs = run.nowNs;
    checkStep(run);
  }
  const result = run.result();
  checkResult(run, result);
  checkAftermath(run, result);
  return result;
}

/** Holds at any moment. */
export function checkStep(run: Run): void {
  expect(faultsOf(run, proxyFaults), 'what must hold of every proxy').toEqual([]);
}

/** Holds at the end. */
export function checkResult(run: Run, result: RunResult): void {
  if (result.warmupNs === 0)
    expect(requestsOf(result), 'requests are conserved').toBe(run.requestCount);
  expect(overlappingEjections(result), 'a host is ejected once at a time').toEqual([]);
}

/** Lets time go on: work for callers that have left must come to an end, too. */
export function checkAftermath(run: Run, result: RunResult): void {
  const isIdle = result.clients.every((client) => client.unfinishedCount === 0);
  run.dispatcher.runUntil(run.nowNs + AFTERMATH_NS);
  checkStep(run);
  if (isIdle) expect(faultsOf(run, heldAtRest), 'no pool has a stream at the end').toEqual([]);
}

function faultsOf(run: Run, look: (proxy: EnvoyProxy) => readonly string[]): readonly string[] {
  return run.mesh.proxies.flatMap((it) => look(it.proxy).map((fault) => `${it.name}: ${fault}`));
}

/** What clients heard of, and what was still open. Clients of the warm-up are not in results. */
function requestsOf(result: RunResult): number {
  return result.clients.reduce((sum, it) => sum + it.requestCount + it.unfinishedCount, 0);
}

function overlappingEjections(result: RunResult): string[] {
  const outUntil = new Map<string, number>();
  const overlapping: string[] = [];
  for (const it of result.ejections) {
    const key = `${it.proxy} ${it.cluster} ${it.host}`;
    if (it.atNs < (outUntil.get(key) ?? 0)) overlapping.push(`${key} at ${it.atNs}`);
    outUntil.set(key, it.backNs ?? Number.POSITIVE_INFINITY);
  }
  return overlapping;
}
