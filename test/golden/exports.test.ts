import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NodeFiles } from '#cli/node-files.ts';
import { type OutputRequest, outputFormats, outputRequest, RunOutputs } from '#cli/run-outputs.ts';
import { githubSummary } from '#report/github.ts';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';
import { describeWith, installed } from '../needs.ts';

const FOLDER = fileURLToPath(new URL('./exports/', import.meta.url));
const SCENARIO = 'test/golden/exports/scenario.yaml';

/** A run with these outputs: what went to standard output, and the result. */
function outputs(...texts: readonly string[]): { text: string; result: RunResult } {
  const files = new NodeFiles();
  const { scenario } = loadScenario(SCENARIO, files);
  const experiment = scenario && prepareExperiment(scenario, files).experiment;
  if (experiment === undefined) throw new Error('the scenario of the test does not run');
  const requests = texts.reduce<readonly OutputRequest[]>(
    (before, text) => outputRequest(text, before),
    [],
  );
  const written = new RunOutputs(requests, experiment);
  const run = new Run(experiment, written.runOptions);
  const result = run.finish();
  let text = '';
  const problems = written.write(run, result, (part) => {
    text += part;
  });
  expect(problems).toEqual([]);
  return { text, result };
}

const written = outputFormats()
  .map(([format]) => format)
  .filter((format) => format !== 'html');

describe('--out', () => {
  it.each(written)('%s is as before', async (format) => {
    const { text } = outputs(format);
    const plain = text.replace(/"meshsim": "[^"]+"/, '"meshsim": "VERSION"');
    await expect(plain).toMatchFileSnapshot(`${FOLDER}${format}.golden`);
  });

  it('a job’s summary for GitHub is as before', async () => {
    const { result } = outputs('json');
    await expect(githubSummary(result)).toMatchFileSnapshot(`${FOLDER}github-summary.golden`);
  });

  it('writes files, and packs those that end in .gz', () => {
    const folder = mkdtempSync(join(tmpdir(), 'meshsim-out-'));
    const csv = join(folder, 'requests.csv');
    const packed = join(folder, 'requests.ndjson.gz');
    const { text } = outputs(`requests=${csv}`, `requests=${packed}`, 'junit');
    expect(text).toMatch(/^<\?xml/);
    const rows = readFileSync(csv, 'utf8').trimEnd().split('\r\n');
    const objects = gunzipSync(readFileSync(packed)).toString().trimEnd().split('\n');
    expect(rows).toHaveLength(objects.length + 1);
    expect(rows[0]).toBe(Object.keys(JSON.parse(objects[0] ?? '') as object).join(','));
  });

  it('changes nothing of the run', () => {
    const plain = outputs('json').result.digest;
    expect(outputs('otlp', 'accesslog', 'openmetrics', 'requests').result.digest).toBe(plain);
  });

  it('says which formats there are', () => {
    expect(() => outputRequest('excel', [])).toThrow(/json, requests, accesslog/);
    expect(() => outputRequest('json=', [])).toThrow('want json=FILE');
    expect(() => outputRequest('html', [])).toThrow('want html=FILE');
  });
});

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

describe('spans', () => {
  const { resourceSpans } = JSON.parse(outputs('otlp').text) as {
    readonly resourceSpans: readonly {
      readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
    }[];
  };
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((it) => it.spans));

  it('have ids of the right length, each its own', () => {
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    for (const { traceId, spanId } of spans) {
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  it('lie inside their parents, in the same trace', () => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const children = spans.filter(({ parentSpanId }) => parentSpanId !== undefined);
    expect(children.length).toBeGreaterThan(0);
    for (const child of children) {
      const parent = byId.get(child.parentSpanId ?? '');
      expect(parent?.traceId).toBe(child.traceId);
      expect(BigInt(parent?.startTimeUnixNano ?? -1) <= BigInt(child.startTimeUnixNano)).toBe(true);
      expect(BigInt(parent?.endTimeUnixNano ?? -1) >= BigInt(child.endTimeUnixNano)).toBe(true);
    }
  });
});

describe('trace events', () => {
  it('begin before they end, in order of time', () => {
    const { traceEvents } = JSON.parse(outputs('trace').text) as {
      readonly traceEvents: readonly { ph: string; id?: string; ts?: number }[];
    };
    const begun = new Map<string, number>();
    let last = 0;
    for (const { ph, id = '', ts = 0 } of traceEvents) {
      if (ph === 'M') continue;
      expect(ts).toBeGreaterThanOrEqual(last);
      last = ts;
      if (ph === 'b') begun.set(id, ts);
      else expect(begun.delete(id)).toBe(true);
    }
    expect(begun.size).toBe(0);
  });
});

const hasPromtool = installed(['promtool']) !== undefined;

describeWith('promtool', hasPromtool)('promtool', () => {
  it('makes blocks of the OpenMetrics text', () => {
    const folder = mkdtempSync(join(tmpdir(), 'meshsim-tsdb-'));
    const file = join(folder, 'metrics.txt');
    outputs(`openmetrics=${file}`);
    const args = ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data')];
    const { status, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
    expect(`${status} ${status === 0 ? '' : stderr}`).toBe('0 ');
  });
});
