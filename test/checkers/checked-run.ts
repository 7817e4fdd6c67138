import { expect } from 'vitest';
import type { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';

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
    expect(negativeCounts(run), 'nothing is counted below zero').toEqual([]);
  }
  const result = run.result();
  expect(requestsOf(result), 'requests are conserved').toBe(run.requestCount);
  expect(overlappingEjections(result), 'a host is ejected once at a time').toEqual([]);
  // Work for callers that have left goes on after the last answer: it too must come to an end.
  run.dispatcher.runUntil(run.nowNs + AFTERMATH_NS);
  const isIdle = result.clients.every((client) => client.unfinishedCount === 0);
  if (isIdle) expect(openStreams(run), 'no pool has a stream at the end').toEqual([]);
  expect(lostConnections(run), 'connections are open or closed').toEqual([]);
  return result;
}

function statsOf(run: Run): (readonly [proxy: string, name: string, value: number])[] {
  return run.mesh.proxies.flatMap((it) =>
    [...it.proxy.stats()].map(([name, value]) => [it.name, name, value] as const),
  );
}

function negativeCounts(run: Run): string[] {
  return statsOf(run).flatMap(([proxy, name, value]) =>
    value < 0 ? [`${proxy}: ${name} ${value}`] : [],
  );
}

const OPEN_STREAM = /\.(upstream_rq_active|upstream_rq_pending_active|downstream_rq_active)$/;

function openStreams(run: Run): string[] {
  return statsOf(run).flatMap(([proxy, name, value]) =>
    OPEN_STREAM.test(name) && value !== 0 ? [`${proxy}: ${name} ${value}`] : [],
  );
}

function lostConnections(run: Run): string[] {
  return run.mesh.proxies.flatMap((it) => {
    const stats = it.proxy.stats();
    return [...stats].flatMap(([name, opened]) => {
      if (!name.endsWith('.upstream_cx_total')) return [];
      const prefix = name.slice(0, -'total'.length);
      const active = stats.get(`${prefix}active`) ?? 0;
      const closed = stats.get(`${prefix}destroy`) ?? 0;
      return opened === active + closed
        ? []
        : [`${it.name}: ${name} ${opened} is not ${active} open + ${closed} closed`];
    });
  });
}

/** What clients heard of, and what was still open. Clients of the warm-up are not in results. */
function requestsOf(result: RunResult): number {
  return result.clients.reduce((sum, it) => sum + it.requestCount, 0);
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
