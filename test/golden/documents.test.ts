import { describe, expect, it } from 'vitest';
import { NodeFiles } from '#cli/node-files.ts';
import { traceJson, whyJson } from '#report/answers-json.ts';
import { comparisonJson } from '#report/comparison-json.ts';
import { comparisonText } from '#report/comparison-text.ts';
import { searchJson } from '#report/search-json.ts';
import { summaryJson } from '#report/summary-json.ts';
import { sweepJson } from '#report/sweep-json.ts';
import { PLAIN_STYLE } from '#report/text-style.ts';
import { type Experiment, prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { type RequestChoice, requestChoice, traceOf, whyOf } from '#scenario/request-choice.ts';
import { RequestLog } from '#scenario/request-log.ts';
import { Run } from '#scenario/run.ts';
import { compareRuns, type LoggedRun } from '#scenario/run-comparison.ts';
import { measuresOf } from '#scenario/sweep/measure.ts';
import { SweepRunner } from '#scenario/sweep/sweep-job.ts';
import { sweepJobs, sweepPlan } from '#scenario/sweep/sweep-plan.ts';
import { schemaMistakes } from './schema.ts';

function experimentOf(set: readonly (readonly [string, string])[] = []): Experiment {
  const files = new NodeFiles();
  const path = 'test/golden/exports/scenario.yaml';
  const { scenario } = loadScenario(path, files, { parameters: new Map(set) });
  return prepareExperiment(scenario!, files).experiment!;
}

function logged(experiment: Experiment): LoggedRun {
  const log = new RequestLog();
  const run = new Run(experiment, { observer: log.observer });
  return { run, result: run.finish(), log };
}

describe('a document follows its published schema, key by key:', () => {
  it('a summary', () => {
    const result = new Run(experimentOf()).finish();
    const json = summaryJson(result, { version: '1', wallMs: 3 });
    expect(schemaMistakes(json, 'summary-v1')).toEqual([]);
  });

  it('a summary with what --why and --trace asked for', () => {
    const run = new Run(experimentOf());
    const result = run.finish();
    const chosen = (text: string): RequestChoice => {
      const read = requestChoice(text);
      if ('diagnostic' in read) throw new Error(read.diagnostic.message);
      return read.choice;
    };
    const trace = traceJson(traceOf(run, chosen('slow'))!);
    for (const question of ['response_code=~"5.."', 'slow']) {
      const why = whyJson(whyOf(run, chosen(question)));
      const json = summaryJson(result, { version: '1', wallMs: 3, why, trace });
      expect(schemaMistakes(json, 'summary-v1')).toEqual([]);
      expect(json).toMatchObject({ why: { question }, trace: { requestNumber: 1 } });
    }
  });

  it('a comparison, whose changes name the cause beyond the first proxy', () => {
    const strict = ['workloads.front.calls.0.onError', '503'] as const;
    const faulty = experimentOf([strict, ['workloads.stock.errors.503', '100%']]);
    const comparison = compareRuns(logged(experimentOf([strict])), logged(faulty));
    expect(schemaMistakes(comparisonJson(comparison, '1'), 'comparison-v1')).toEqual([]);
    expect(comparison.changes.length).toBeGreaterThan(0);
    expect(comparisonText(comparison, PLAIN_STYLE)).toMatch(
      /↳ front was answered 503.* by stock\n.*↳ workloads: stock: errors 503: 100%/,
    );
  });

  it('a sweep, and a shard of one', () => {
    const experiment = experimentOf();
    const measured = measuresOf(experiment, []);
    const measures = 'measures' in measured ? measured.measures : [];
    const varied = [{ key: 'duration', values: ['2s', '3s'] }];
    const parts = { scenario: 's', title: 't', varied, firstSeed: 1, seedCount: 2, measures };
    const plan = sweepPlan(parts, []);
    const runner = new SweepRunner(experimentOf, measures);
    for (const shard of [undefined, { index: 1, count: 2 }]) {
      const runs = sweepJobs(plan, shard).map((job) => runner.run(job));
      expect(schemaMistakes(sweepJson({ plan, shard, runs }, '1'), 'sweep-v1')).toEqual([]);
    }
  });

  it('a search', () => {
    const spread = { seenCount: 1, runCount: 1, median: 5, interval: undefined };
    const trial = { value: '1', outcome: 'fine', brokenCount: 0 } as const;
    const json = searchJson(
      {
        scenario: 's',
        title: 't',
        key: 'k',
        until: 'p99(latency) > 1s',
        dimension: 'duration',
        firstSeed: 1,
        seedCount: 1,
        trials: [{ ...trial, spread: { ...spread, min: 5, max: 5, heldCount: 0 } }],
        breakingPoint: { kind: 'found', fine: '1', broken: '2' },
      },
      '1',
    );
    expect(schemaMistakes(json, 'search-v1')).toEqual([]);
  });
});
