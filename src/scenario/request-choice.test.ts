import { describe, expect, it } from 'vitest';
import { PLAIN_STYLE } from '#report/text-style.ts';
import { traceText } from '#report/trace-text.ts';
import { whyText } from '#report/why-text.ts';
import { prepareExperiment } from './experiment.ts';
import { loadScenario } from './file/load-scenario.ts';
import { type RequestChoice, requestChoice, traceOf, whyOf } from './request-choice.ts';
import { Run } from './run.ts';

const workload = (name: string) => `  - apiVersion: apps/v1
    kind: Deployment
    metadata: { name: ${name} }
    spec: { selector: { matchLabels: { app: ${name} } }, template: { metadata: { labels: { app: ${name} } } } }
  - apiVersion: v1
    kind: Service
    metadata: { name: ${name} }
    spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }
`;
const SCENARIO = `duration: 20s
mesh:
${workload('web')}${workload('api')}${workload('db')}workloads:
  api: { calls: [GET http://db/] }
clients:
  users: { from: web, request: GET http://api/, load: { rate: 20/s, arrivals: constant } }
timeline:
  - { at: 10s, workload: db, set: { errors: { 500: 100% } } }
`;

function runOf(text = SCENARIO): Run {
  const files = { readFile: () => ({ text }), listFiles: () => undefined };
  const { scenario } = loadScenario('s.yaml', files);
  const run = new Run(prepareExperiment(scenario!, files).experiment!);
  run.finish();
  return run;
}

function chosen(text: string): RequestChoice {
  const read = requestChoice(text);
  if ('diagnostic' in read) throw new Error(read.diagnostic.message);
  return read.choice;
}

describe('what --why and --trace take', () => {
  it('is labels as in a query, or a code with flags, or one request', () => {
    const labels = (text: string) =>
      chosen(text).matchers.map(({ label, operator, value }) => `${label}${operator}${value}`);
    expect(labels('503 UO')).toEqual(['response_code=503', 'response_flags=UO']);
    expect(labels('URX,UT')).toEqual(['response_flags=URX,UT']);
    expect(labels('{client="users", route!=""}')).toEqual(['client=users', 'route!=']);
    expect(chosen('users:7').exactly).toEqual({ client: 'users', number: 7 });
    expect(requestChoice('respons_code="503"')).toMatchObject({
      diagnostic: { hint: 'did you mean "response_code"?' },
    });
  });
});

describe('why requests failed', () => {
  it('leads through the application that passed it on to the step of the timeline', () => {
    const run = runOf();
    expect(run.result().blame).toMatchObject([
      {
        code: 500,
        source: 'api',
        destination: 'db',
        behind: [{ text: 'set workload db: errors 500: 100%', sinceNs: 10e9 }],
      },
    ]);
    const text = whyText(whyOf(run, chosen('client="users", response_code="500"')), PLAIN_STYLE);
    expect(text.split('\n').slice(1, 4)).toEqual([
      '  200 × 500  at web → api',
      '      ↳ api was answered 500 by db',
      '      ↳ set workload db: errors 500: 100%, at 10.0s, s.yaml:32',
    ]);
    const fine = whyText(whyOf(run, chosen('client="users", response_code="200"')), PLAIN_STYLE);
    expect(fine).toContain('none of them failed');
  });
});

describe('why requests were slow', () => {
  it('says where their time went, and which setting or step is behind each part', () => {
    const slow = `${SCENARIO.replace('workloads:\n', 'workloads:\n  db: { latency: 40ms, concurrency: 1 }\n')}  - { at: 15s, client: users, set: { load: { rate: 24.9/s } } }\n`;
    const run = runOf(slow);
    const { slow: answer } = whyOf(run, chosen('slow{client="users"}'));
    const parts = answer!.parts.map(({ what, cause, behind }) => [
      what,
      cause && `${cause.object}:${cause.at?.line} ${cause.setting}`,
      ...behind.map(({ text }) => text),
    ]);
    expect(parts).toContainEqual([
      'being served by db',
      expect.stringMatching(/^workloads: db:\d+ latency$/),
    ]);
    expect(parts).toContainEqual(['on the network and in proxies', undefined]);
    expect(answer!.parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    const text = whyText(whyOf(run, chosen('slow{client="users"}')), PLAIN_STYLE);
    expect(text).toMatch(/^WHY {2}slow\{client="users"\}: \d+ requests\n {2}the slowest \d+ took /);
  });

  it('counts of pieces side by side the one that was waited for', () => {
    const both = SCENARIO.replace(
      '  api: { calls: [GET http://db/] }',
      '  api: { latency: 0, calls: [{ parallel: [GET http://db/, GET http://web/] }] }\n  db: { latency: 100ms }\n  web: { latency: 10ms }',
    );
    const { slow } = whyOf(runOf(both), chosen('slow'));
    const shareOf = (part: string) => slow!.parts.find(({ what }) => what === part)?.share ?? 0;
    expect(shareOf('being served by db')).toBeGreaterThan(0.9);
    expect(shareOf('being served by web')).toBe(0);
  });

  it('can be followed: the slowest is traced', () => {
    const run = runOf();
    const traced = traceOf(run, chosen('slow'))!;
    const all = run.recorder.sample.requests().map(({ endNs, intendedNs }) => endNs - intendedNs);
    expect(traced.endNs - traced.intendedNs).toBe(Math.max(...all));
  });
});

describe('a request step by step', () => {
  it('is told as a tree, in the order of its pieces', () => {
    const run = runOf();
    const text = traceText(traceOf(run, chosen('500'))!, PLAIN_STYLE);
    expect(text).toMatch(/^TRACE {2}users:\d+, sent at 10\.0s: 500 after 2\d(\.\d+)?ms\n/);
    const steps = text.split('\n').filter((line) => line.includes('is served by'));
    expect(steps.map((line) => line.trim().replace(/^\S+ +\S+ +/, ''))).toEqual([
      'is served by api-1  500',
      'is served by db-1  500',
    ]);
    expect(traceOf(run, chosen('404'))).toBeUndefined();
    expect(traceOf(run, chosen('nobody:1'))).toBeUndefined();
  });
});
