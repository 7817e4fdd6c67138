import { describe, expect, it } from 'vitest';
import { readSweepDocument } from '#report/sweep-document.ts';
import { sweepJson } from '#report/sweep-json.ts';
import { sweepText } from '#report/sweep-text.ts';
import { PLAIN_STYLE } from '#report/text-style.ts';
import { prepareExperiment } from '../experiment.ts';
import { loadScenario } from '../file/load-scenario.ts';
import { measuresOf } from './measure.ts';
import { SweepRunner } from './sweep-job.ts';
import { type Shard, sweepJobs, sweepPlan } from './sweep-plan.ts';
import { mergedSweep, pointResults, type SweepResult } from './sweep-result.ts';
import { brokenExpectations } from './sweep-verdict.ts';
import type { SweepPoint } from './vary.ts';

const SCENARIO = `
params: { errors: 0% }
duration: 10s
mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } } } } }
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: api }, spec: { selector: { matchLabels: { app: api } }, template: { metadata: { labels: { app: api } } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: api }, spec: { selector: { app: api }, ports: [{ name: http, port: 80 }] } }
workloads:
  api: { errors: { 404: "\${errors}" } }
clients:
  users: { from: web, request: GET http://api/, load: { rate: 20/s } }
expect:
  - { name: found, that: 'requests{client="users", response_code="404"} / requests{client="users"}', is: < 20% }
`;

const files = {
  readFile: () => ({ text: SCENARIO }),
  listFiles: () => undefined,
};

function experimentAt(point: SweepPoint) {
  const { scenario } = loadScenario('s.yaml', files, { parameters: new Map(point) });
  return prepareExperiment(scenario!, files).experiment!;
}

const varied = [{ key: 'errors', values: ['0%', '50%'] }];

function sweepOf(shard?: Shard): SweepResult {
  const measured = measuresOf(experimentAt([]), [{ that: 'p99(latency{client="users"})' }]);
  const measures = 'measures' in measured ? measured.measures : [];
  const parts = { scenario: 's.yaml', title: 'a sweep', varied, firstSeed: 1, seedCount: 6 };
  const plan = sweepPlan({ ...parts, measures }, [SCENARIO]);
  const runner = new SweepRunner(experimentAt, measures);
  return { plan, shard, runs: sweepJobs(plan, shard).map((job) => runner.run(job)) };
}

const documentOf = (result: SweepResult) => JSON.stringify(sweepJson(result, '1'));

describe('a sweep', () => {
  it('runs every value under every seed, and counts where expectations held', () => {
    const [none, half] = pointResults(sweepOf());
    expect(none!.spreads[0]).toMatchObject({ runCount: 6, median: 0, heldCount: 6 });
    expect(half!.spreads[0]!.heldCount).toBe(0);
    expect(half!.spreads[0]!.median).toBeCloseTo(0.5, 1);
  });

  it('is broken where an expectation fails more often than what it says allows', () => {
    const result = sweepOf();
    expect(brokenExpectations(result)).toEqual([
      { name: 'found', point: [['errors', '50%']], failedCount: 6, runCount: 6, mostFailures: 0 },
    ]);
    expect(sweepText(result, PLAIN_STYLE)).toMatch(
      /\nFAILED\n {2}✗ found {2}with errors=50% {2}failed in 6 of 6\n$/,
    );
    // One run in a hundred is outside a 99 % interval: of six, two may be.
    const measures = result.plan.measures.map((one) =>
      one.kind === 'expectation' ? { ...one, is: '~10%' } : one,
    );
    const estimated = { ...result, plan: { ...result.plan, measures } };
    expect(brokenExpectations(estimated)).toMatchObject([{ mostFailures: 2 }]);
  });

  it('is the same from one place and from merged shards, byte by byte', () => {
    const shards = [1, 2, 3].map((index) => {
      const read = readSweepDocument(documentOf(sweepOf({ index, count: 3 })));
      expect(read).not.toHaveProperty('problem');
      return read as SweepResult;
    });
    const merged = mergedSweep(shards);
    expect(merged).not.toHaveProperty('problem');
    expect(documentOf(merged as SweepResult)).toBe(documentOf(sweepOf()));
    expect(mergedSweep(shards.slice(1))).toEqual({
      problem: '4 of 12 runs are missing: shard 1/3 is not here',
    });
  });

  it('does not merge what belongs to different sweeps', () => {
    const one = sweepOf({ index: 1, count: 2 });
    const other = { ...one, plan: { ...one.plan, identity: '0' } };
    expect(mergedSweep([one, other])).toHaveProperty('problem');
    expect(readSweepDocument('{"schema":"meshsim/summary/v1"}')).toEqual({
      problem: 'it is a meshsim/summary/v1, no meshsim/sweep/v1',
    });
  });

  it('prints a table for each measure', () => {
    const text = sweepText(sweepOf(), PLAIN_STYLE);
    expect(text).toContain('a sweep · 2 points × 6 seeds (1..6) · 12 runs');
    expect(text).toMatch(
      /found {3}is < 20%\n {2}errors +median +95% interval +lowest\.\.highest +held/,
    );
    expect(text).toMatch(/\n {2}0% +0% +0\.\.0% +0\.\.0% +6 of 6\n/);
  });
});
