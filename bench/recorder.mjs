// What recording one request costs: a proxy's, a client's with its digest, an attempt, a gauge.
// Usage: node bench/recorder.mjs [REQUESTS]

import { Histogram } from '../dist/modules/telemetry/histogram.js';
import { UNKNOWN_WORKLOAD } from '../dist/modules/telemetry/labels.js';
import {
  ClientRequest,
  NONE,
  ProxyRequest,
  UpstreamAttempt,
} from '../dist/modules/telemetry/recorder.js';
import { RunRecorder } from '../dist/modules/telemetry/run-recorder.js';

const requests = Number(process.argv[2] ?? 1e6);
const cpuSeconds = () => {
  const usage = process.resourceUsage();
  return (usage.userCPUTime + usage.systemCPUTime) / 1e6;
};
function measure(what, run) {
  for (let index = 0; index < 1e5; index++) run(index);
  const times = [];
  for (let round = 0; round < 5; round++) {
    const startSeconds = cpuSeconds();
    for (let index = 0; index < requests; index++) run(index);
    times.push(((cpuSeconds() - startSeconds) / requests) * 1e9);
  }
  console.log(
    `${what.padEnd(40)} ${times
      .sort((a, b) => a - b)[2]
      .toFixed(1)
      .padStart(7)} ns`,
  );
}

const recorder = new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined });
for (const code of ['200', '503', '500']) {
  recorder.accumulate({
    kinds: ['client'],
    matches: (rows, row) => String(rows.codeOf(row)) === code,
    fromNs: 0,
    toNs: Number.POSITIVE_INFINITY,
    durations: code === '200',
  });
}
const client = recorder.internClient({ ...UNKNOWN_WORKLOAD, name: 'shop' });
const proxy = recorder.internProxy({ ...UNKNOWN_WORKLOAD, name: 'webapp-1' });
const cluster = recorder.internCluster({
  name: 'outbound|80||catalog',
  subset: '',
  service: 'catalog.default.svc.cluster.local',
  serviceName: 'catalog',
  serviceNamespace: 'default',
});
const hosts = Array.from({ length: 50 }, (_, index) =>
  recorder.internHost({ ...UNKNOWN_WORKLOAD, address: `10.1.0.${index}:8080` }),
);
const gauge = recorder.internGauge({ kind: 'inflight', proxy, cluster, host: NONE });
const request = new ProxyRequest();
request.proxy = proxy;
request.cluster = cluster;
request.route = recorder.internRoute('default');
request.attempts = 1;
const clientRequest = new ClientRequest();
clientRequest.client = client;
const attempt = new UpstreamAttempt();
attempt.proxy = proxy;
attempt.cluster = cluster;

const histogram = new Histogram();
measure('histogram, spread values', (index) => {
  histogram.record(500_000 + (Math.imul(index, 0x9e3779b1) >>> 10));
});
function proxyRequest(index) {
  request.host = hosts[(index * 7) % 50];
  request.code = index % 100 === 0 ? 503 : 200;
  request.startNs = index * 10_000;
  request.endNs = request.startNs + 1_000_000 + ((index * 7919) % 3_000_000);
  return recorder.proxyRequest(request);
}
measure('proxy request', proxyRequest);
measure('proxy request and client request', (index) => {
  clientRequest.row = proxyRequest(index);
  clientRequest.number = index;
  clientRequest.intendedNs = request.startNs;
  clientRequest.endNs = request.endNs + 500_000;
  clientRequest.code = request.code;
  recorder.clientRequest(clientRequest);
});
measure('attempt', (index) => {
  attempt.host = hosts[index % 50];
  attempt.code = 200;
  attempt.startNs = index * 10_000;
  attempt.endNs = attempt.startNs + 1_000_000;
  recorder.attempt(attempt);
});
let nowNs = 0;
measure('gauge', (index) => recorder.setGauge(gauge, index % 100, ++nowNs));
