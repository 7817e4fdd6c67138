import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RunBlame } from '#scenario/run-blame.ts';
import type { RunResult } from '#scenario/run-result.ts';
import { RunTables } from '#scenario/run-tables.ts';
import { UNKNOWN_WORKLOAD } from '#telemetry/labels.ts';
import { compileExpectation, type ExpectationRequest } from '#telemetry/query/expectation.ts';
import { ClientRequest, NONE, ProxyRequest } from '#telemetry/recorder.ts';
import { parseFlags } from '#telemetry/response-flags.ts';
import { RunRecorder } from '#telemetry/run-recorder.ts';
import { seriesJson } from './series-json.ts';
import { type Json, summaryJson } from './summary-json.ts';

type Schema = { readonly [key: string]: unknown };

const schemaFile = new URL('../../schema/summary-v1.schema.json', import.meta.url);
const schema: Schema = JSON.parse(readFileSync(schemaFile, 'utf8'));

/** What of `value` does not follow `rule`, by the few keywords that our schema uses. */
function mistakes(value: unknown, rule: Schema, path: string): readonly string[] {
  if (typeof rule['$ref'] === 'string') {
    const name = rule['$ref'].replace('#/$defs/', '');
    return mistakes(value, (schema['$defs'] as Record<string, Schema>)[name]!, path);
  }
  if (Array.isArray(rule['anyOf'])) {
    const branches = (rule['anyOf'] as Schema[]).map((branch) => mistakes(value, branch, path));
    return branches.some((branch) => branch.length === 0) ? [] : branches[0]!;
  }
  if ('const' in rule && rule['const'] !== value) return [`${path}: not ${rule['const']}`];
  if (Array.isArray(rule['enum']) && !rule['enum'].includes(value)) return [`${path}: ${value}`];
  const types = ([] as unknown[]).concat(rule['type'] ?? []);
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    return [`${path}: ${JSON.stringify(value)} is no ${types.join(' or ')}`];
  }
  if (typeof rule['pattern'] === 'string' && !new RegExp(rule['pattern']).test(String(value))) {
    return [`${path}: ${value} does not match`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      mistakes(item, rule['items'] as Schema, `${path}[${index}]`),
    );
  }
  return typeof value === 'object' && value !== null ? objectMistakes(value, rule, path) : [];
}

function objectMistakes(value: object, rule: Schema, path: string): readonly string[] {
  const properties = (rule['properties'] ?? {}) as Record<string, Schema>;
  const missing = ((rule['required'] ?? []) as string[])
    .filter((key) => !Object.hasOwn(value, key))
    .map((key) => `${path}.${key} is missing`);
  const wrong = Object.entries(value).flatMap(([key, item]) => {
    const own = Object.hasOwn(properties, key) ? properties[key] : rule['additionalProperties'];
    if (own === false || own === undefined) return [`${path}.${key} is not in the schema`];
    return mistakes(item, own as Schema, `${path}.${key}`);
  });
  return [...missing, ...wrong];
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

/** A run of 100 requests of two clients through one proxy to two subsets, some of them failing. */
function recordedRun(requestCount = 100): { readonly result: RunResult; readonly series: Json } {
  const series = { stepNs: 1e9, untilNs: 10e9 };
  const recorder = new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined, series });
  const at = { file: 'scenario.yaml', line: 9, column: 11, length: 3 };
  const attached = [
    ['requests{client="shop", response_code!~"5.."} / requests{client="shop"}', '> 99%'],
    ['requests{subset="v2"} / requests', '~50%'],
    ['p99(latency)', '< 1s'],
    ['rate(requests)', '> 1/s'],
    ['max(inflight)', '<= 5'],
    ['ejections', '== 1'],
    ['requests{subset="v9"}', '> 0'],
  ].map(([that, is]) => {
    const request: ExpectationRequest = {
      that: { text: that!, at },
      is: { text: is!, at },
      during: undefined,
      name: undefined,
      isAborting: false,
      mayBeEmpty: false,
    };
    const compiled = compileExpectation(request, { warmupNs: 0, durationNs: 10e9 });
    if ('diagnostics' in compiled) throw new Error(compiled.diagnostics[0]!.message);
    return compiled.expectation.attach(recorder);
  });
  const clients = ['shop', '__proto__'].map((name) =>
    recorder.internClient({ ...UNKNOWN_WORKLOAD, name }),
  );
  const webapp = { ...UNKNOWN_WORKLOAD, workload: 'webapp', namespace: 'a' };
  const proxy = recorder.internProxy({ ...webapp, name: 'webapp-1' });
  const clusters = ['v1', 'v2'].map((subset) =>
    recorder.internCluster({
      name: `outbound|80|${subset}|catalog.a.svc.cluster.local`,
      subset,
      service: 'catalog.a.svc.cluster.local',
      serviceName: 'catalog',
      serviceNamespace: 'a',
    }),
  );
  const host = recorder.internHost({
    ...webapp,
    workload: 'catalog',
    pod: 'catalog-1',
    address: '10.1.0.7:80',
  });
  const gauge = recorder.internGauge({
    kind: 'inflight',
    proxy,
    cluster: clusters[0]!,
    host: NONE,
  });
  for (let index = 0; index < requestCount; index++) {
    const isFailed = index % 10 === 9;
    const startNs = index * 1e8;
    recorder.setGauge(gauge, index % 3, startNs);
    const proxied = Object.assign(new ProxyRequest(), {
      proxy,
      cluster: clusters[index % 2],
      host: isFailed ? NONE : host,
      code: isFailed ? 503 : 200,
      flags: parseFlags(isFailed ? 'UO' : '-'),
      attempts: 1,
      startNs,
      endNs: startNs + 2e6 + index * 1e4,
    });
    const row = recorder.proxyRequest(proxied);
    const own = { client: clients[0], number: index + 1, attempts: 1, row, code: proxied.code };
    const times = { intendedNs: startNs, endNs: startNs + 3e6 + index * 1e4 };
    recorder.clientRequest(Object.assign(new ClientRequest(), own, times));
  }
  recorder.unfinished(clients[1]!, 1, 9e9);
  recorder.ejected(
    { proxy, cluster: clusters[1]!, host, detector: 'consecutive 5xx', count: 5 },
    5e9,
  );
  const tables = new RunTables(recorder, 10e9);
  const rule = () => ({
    object: 'DestinationRule catalog',
    at,
    setting: 'http1MaxPendingRequests: 1',
  });
  const blame = new RunBlame(recorder, { rule, behind: () => [] });
  const result: RunResult = {
    scenario: 'scenario.yaml',
    title: 'recorded',
    seed: 1,
    istioVersion: '1.27',
    digest: recorder.finishDigest(),
    durationNs: 10e9,
    warmupNs: 0,
    stoppedAtNs: undefined,
    expectations: attached.map((one) => tables.outcomeOf(one.result(10e9), blame)),
    clients: tables.clients(),
    edges: tables.edges(),
    workloads: tables.workloads(),
    splits: tables.splits(),
    responses: tables.responses(),
    ejections: tables.ejections(),
    gauges: tables.gauges(10e9),
    events: [{ atNs: 1e9, kind: 'push', proxy: 'webapp-1', text: 'catalog.yaml' }],
    blame: blame.all(),
    coverage: [{ kind: 'route', name: 'admin', at, isExercised: false }],
    notModelled: [{ kind: 'EnvoyFilter', objects: ['a/lua'] }],
    notes: ['a note'],
    series: recorder.series,
  };
  return { result, series: seriesJson(recorder, recorder.series!, 10e9) };
}

describe('the summary as JSON', () => {
  it('follows its published schema, key by key', () => {
    const { result, series } = recordedRun();
    const json = summaryJson(result, { version: '0.1.0', wallMs: 12, series });
    expect(mistakes(JSON.parse(JSON.stringify(json)), schema, 'summary')).toEqual([]);
  });

  it('follows it when nothing was sent: what is not known is null', () => {
    const { result } = recordedRun(0);
    const json = summaryJson(result, { version: '0.1.0', wallMs: undefined });
    expect(mistakes(JSON.parse(JSON.stringify(json)), schema, 'summary')).toEqual([]);
    expect(json).toHaveProperty('clients.shop.latencyP99Ms', null);
    expect(json).toHaveProperty('clients.shop.successShare', null);
    expect(json).not.toHaveProperty('wallMs');
  });

  it('has every number under a key that ends in its unit', () => {
    const { result } = recordedRun();
    const json = summaryJson(result, { version: '0.1.0', wallMs: 12 });
    const units =
      /(Ms|Count|Share|PerSecond|PerRequest|Number|share|share4xx|responseCode|seed|line|column)$/;
    const keys: string[] = [];
    JSON.stringify(json, (key: string, value: unknown) => {
      if (typeof value === 'number') keys.push(key);
      return value;
    });
    expect(keys.filter((key) => !units.test(key))).toEqual([]);
  });

  it('counts what the clients saw, and where it was meant to go', () => {
    const { result } = recordedRun();
    const json = summaryJson(result, { version: '0.1.0', wallMs: undefined });
    expect(json).toMatchObject({
      clients: { shop: { requestCount: 100, successShare: 0.9, latencyMaxMs: 3.99 } },
      edges: [{ source: 'a/webapp', destination: 'a/catalog', requestCount: 100 }],
      splits: [
        { of: 'catalog', parts: [{ name: 'catalog|v1', requestCount: 50 }, { share: 0.5 }] },
      ],
      responses: [
        { responseCode: 200 },
        { responseCode: 503, responseFlags: 'UO', requestCount: 10 },
      ],
      blame: [{ requestCount: 10, source: 'webapp', destination: 'catalog|v2' }],
      ejections: [{ atMs: 5000, pod: 'catalog-1', errorCount: 5, backAtMs: null }],
    });
    const clients = (json as { readonly clients: object }).clients;
    expect(Object.keys(clients)).toEqual(['__proto__', 'shop']);
  });

  it('gives each expectation its verdict, value and interval in its own unit', () => {
    const { result } = recordedRun();
    const json = summaryJson(result, { version: '0.1.0', wallMs: undefined });
    expect(json).toMatchObject({
      expectations: [
        { holds: false, valueShare: 0.9, requestCount: 100, failures: [{ requestCount: 10 }] },
        {
          holds: true,
          valueShare: 0.5,
          sampleCount: 100,
          intervalLowShare: expect.closeTo(0.37, 1),
        },
        { holds: true, valueMs: expect.closeTo(2.98, 1) },
        { holds: true, valuePerSecond: 10 },
        { holds: true, valueNumber: 2 },
        { holds: true, valueCount: 1 },
        { holds: false, valueCount: null, remark: expect.stringContaining('subset is "v1", "v2"') },
      ],
    });
  });
});
