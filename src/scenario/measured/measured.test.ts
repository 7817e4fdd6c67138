import { describe, expect, it } from 'vitest';
import { prepareExperiment } from '../experiment.ts';
import { loadScenario } from '../file/load-scenario.ts';
import { guessScenario } from '../guess-scenario.ts';
import { latencyOfBuckets } from './measured-latency.ts';
import { type Measurements, NO_MEASUREMENTS, readMeasurement } from './measurements.ts';

const deployment = (name: string, env = '') => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: c, env: [${env}] }] }
`;
const service = (name: string, port: string) => `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: ${port}, port: 8080 }] }
`;
const MANIFESTS = [
  service('web', 'http'),
  service('stock', 'grpc-api'),
  deployment('web', '{ name: STOCK_ADDR, value: "stock:8080" }'),
  deployment('stock', '{ name: WEB_URL, value: "http://web:8080/back" }'),
].join('---\n');

const files = {
  readFile: (path: string) => (path === 'm/all.yaml' ? { text: MANIFESTS } : { problem: 'none' }),
  listFiles: (path: string) => (path === 'm' ? ['m/all.yaml'] : undefined),
};

/** What init writes; it is read back, so that it is known to run. */
function scenarioFor(measurements: Measurements): string {
  const { text } = guessScenario('m', 'm/scenario.yaml', files, measurements);
  const withScenario = {
    listFiles: files.listFiles,
    readFile: (path: string) => (path === 'm/scenario.yaml' ? { text } : files.readFile(path)),
  };
  const { scenario, diagnostics } = loadScenario('m/scenario.yaml', withScenario);
  expect(diagnostics).toEqual([]);
  expect(prepareExperiment(scenario!, withScenario).experiment).toBeDefined();
  return text;
}

function samples(text: string): Measurements {
  const read = readMeasurement(text);
  if (!('samples' in read)) throw new Error(JSON.stringify(read));
  return { ...NO_MEASUREMENTS, samples: read.samples };
}

const histogram = (workload: string, counts: readonly (readonly [string, number])[]) =>
  counts
    .map(
      ([le, count]) =>
        `istio_request_duration_milliseconds_bucket{reporter="destination",destination_workload="${workload}",destination_workload_namespace="default",le="${le}"} ${count}`,
    )
    .join('\n');
const requests = (reporter: string, source: string, to: string, code: number, count: number) =>
  `istio_requests_total{reporter="${reporter}",source_workload="${source}",source_workload_namespace="default",destination_workload="${to}",destination_workload_namespace="default",destination_service="${to}.default.svc.cluster.local",destination_service_name="${to}",destination_service_namespace="default",response_code="${code}"} ${count}`;

const METRICS = [
  '# TYPE istio_requests_total counter',
  histogram('stock', [
    ['5', 50],
    ['10', 90],
    ['25', 100],
    ['+Inf', 100],
  ]),
  requests('destination', 'web', 'stock', 200, 98),
  requests('destination', 'web', 'stock', 503, 2),
  requests('source', 'web', 'stock', 200, 100),
  requests('destination', 'unknown', 'web', 200, 50),
  requests('source', 'unknown', 'web', 200, 50),
].join('\n');

describe('init, with nothing measured', () => {
  it('guesses calls from the environment of containers, never in a circle', () => {
    const text = scenarioFor(NO_MEASUREMENTS);
    expect(text).toContain('- GET http://web:8080/  # WEB_URL');
    expect(text).toContain(
      '# Left out: POST grpc://stock:8080/example.Service/Method from default/web (it would close a circle of calls)',
    );
  });
});

describe('init, from Istio’s metrics', () => {
  it('fits latencies, errors, calls and clients', () => {
    const text = scenarioFor({ ...samples(METRICS), windowNs: 100e9 });
    // Half of 100 lie below 5 ms: the first quarter ends at 2.5 ms, if spread evenly.
    expect(text).toContain(
      '{ percentiles: { 25: 2.5ms, 50: 5ms, 75: 8.13ms, 90: 10ms, 95: 17.5ms,',
    );
    expect(text).toContain('errors: { 503: 2% } }  # measured: 100 requests');
    // 100 calls for 50 requests.
    expect(text).toContain(
      '- { request: POST grpc://stock:8080/example.Service/Method, times: 2 }  # 2 per request',
    );
    expect(text).toContain('# measured: 50 requests from outside the mesh');
    expect(text).toContain('load: { rate: 0.5/s }');
  });

  it('reads an answer of the query API as it reads text', () => {
    const of = (labels: Record<string, string>, value: number) => ({
      metric: labels,
      value: [1700000000, String(value)],
    });
    const answer = {
      status: 'success',
      data: {
        resultType: 'vector',
        result: [
          of({ destination_workload: 'stock', le: '5' }, 0.5),
          of({ destination_workload: 'stock', le: '+Inf' }, 0.5),
        ],
      },
    };
    const text = scenarioFor(samples(JSON.stringify(answer)));
    expect(text).toContain('{ percentiles: { 25: 1.25ms, 50: 2.5ms,');
  });

  it('takes the last of several samples of a series', () => {
    const twice = METRICS.split('\n').map((line) => `${line} 1\n${line.replace(/\d+$/, '0')} 0`);
    expect(readMeasurement(twice.join('\n'))).toMatchObject({ samples: { length: 9 } });
  });
});

describe('init, from a load generator', () => {
  it('takes latency, errors and load from Fortio’s report', () => {
    const report = {
      RequestedQPS: '40',
      NumThreads: 4,
      URL: 'http://stock:8080/x',
      RetCodes: { 200: 90, 503: 10 },
      DurationHistogram: {
        Count: 100,
        Sum: 1,
        Data: [
          { Start: 0, End: 0.01, Count: 50 },
          { Start: 0.01, End: 0.02, Count: 50 },
        ],
      },
    };
    const read = readMeasurement(JSON.stringify(report));
    if (!('report' in read)) throw new Error('no report');
    const named = { workload: undefined, report: read.report, file: 'f.json' };
    const text = scenarioFor({ ...NO_MEASUREMENTS, reports: [named] });
    expect(text).toContain('50: 10ms, 75: 15ms, 90: 18ms');
    expect(text).toContain('errors: { 503: 10% }');
    expect(text).toContain('load: { rate: 40/s }');
  });

  it('wants to know which workload k6 measured', () => {
    const summary = {
      metrics: {
        http_req_duration: { values: { avg: 12, med: 10, max: 90, 'p(90)': 30, 'p(95)': 40 } },
        http_req_failed: { values: { rate: 0.01 } },
        http_reqs: { values: { count: 600, rate: 20 } },
      },
    };
    const read = readMeasurement(JSON.stringify(summary));
    if (!('report' in read)) throw new Error('no report');
    const reports = (workload?: string) => [{ workload, report: read.report, file: 'k6.json' }];
    const unnamed = scenarioFor({ ...NO_MEASUREMENTS, reports: reports() });
    expect(unnamed).toContain('# Left out: k6.json (k6 does not say which workload it measured');
    const text = scenarioFor({ ...NO_MEASUREMENTS, reports: reports('web') });
    expect(text).toContain('latency: { percentiles: { 50: 10ms, 90: 30ms, 95: 40ms, 100: 90ms } }');
    expect(text).toContain('load: { rate: 20/s }');
  });

  it('says of anything else that it is neither', () => {
    expect(readMeasurement('hello')).toHaveProperty('problem');
    expect(readMeasurement('{"a": 1}')).toHaveProperty('problem');
    expect(latencyOfBuckets([{ upToMs: 5, cumulativeCount: 0 }])).toBeUndefined();
  });
});
