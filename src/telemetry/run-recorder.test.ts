import { describe, expect, it } from 'vitest';
import { labelOf } from './label-catalogue.ts';
import { UNKNOWN_WORKLOAD, type WorkloadLabels } from './labels.ts';
import { ClientRequest, NONE, ProxyRequest, type RowId, UpstreamAttempt } from './recorder.ts';
import { parseFlags } from './response-flags.ts';
import type { RowTable } from './row-table.ts';
import { clientGroup, edgeGroup, RunRecorder } from './run-recorder.ts';

const workload = (name: string, version: string): WorkloadLabels => ({
  ...UNKNOWN_WORKLOAD,
  workload: `${name}-${version}`,
  namespace: 'default',
  pod: `${name}-${version}-1`,
  app: name,
  version,
  canonicalService: name,
});

/** A client `shop` beside webapp, which calls catalog with two subsets of one host each. */
function recorded(warmupNs = 0, series?: { stepNs: number; untilNs: number }) {
  const recorder = new RunRecorder({ seed: 1, warmupNs, trace: undefined, series });
  const shop = recorder.internClient({ ...workload('webapp', 'v1'), name: 'shop' });
  const proxy = recorder.internProxy({ ...workload('webapp', 'v1'), name: 'webapp-v1-1' });
  const route = recorder.internRoute('canary');
  const clusters = ['v1', 'v2'].map((subset) =>
    recorder.internCluster({
      name: `outbound|80|${subset}|catalog.default.svc.cluster.local`,
      subset,
      service: 'catalog.default.svc.cluster.local',
      serviceName: 'catalog',
      serviceNamespace: 'default',
    }),
  );
  const hosts = ['v1', 'v2'].map((version, index) =>
    recorder.internHost({ ...workload('catalog', version), address: `10.1.0.${index}:8080` }),
  );
  const request = new ProxyRequest();
  const client = new ClientRequest();
  let number = 0;
  const send = (version: 0 | 1, startNs: number, code = 200, flags = '-'): RowId => {
    const reachedHost = !flags.includes('UO') && !flags.includes('UH');
    request.proxy = proxy;
    request.route = route;
    request.cluster = clusters[version]!;
    request.host = reachedHost ? hosts[version]! : NONE;
    request.code = code;
    request.flags = parseFlags(flags)!;
    request.attempts = 1;
    request.startNs = startNs;
    request.endNs = startNs + 10e6;
    request.requestBytes = 5;
    client.row = recorder.proxyRequest(request);
    client.client = shop;
    client.number = ++number;
    client.intendedNs = startNs - 1;
    client.endNs = startNs + 12e6;
    client.code = code;
    client.attempts = 1;
    recorder.clientRequest(client);
    return client.row;
  };
  return { recorder, send, proxy, clusters, hosts, shop };
}

const everything = { fromNs: 0, toNs: Number.POSITIVE_INFINITY, durations: false };
const whereLabel = (label: string, value: string) => (rows: RowTable, row: RowId) =>
  labelOf(rows, row, label) === value;

describe('the recorder of a run', () => {
  it('counts requests by proxy, route, cluster, host, code and flags, and labels them as Istio does', () => {
    const { recorder, send } = recorded();
    const first = send(0, 1000);
    expect(send(0, 2000)).toBe(first);
    const overflowed = send(1, 3000, 503, 'UO');
    expect(overflowed).not.toBe(first);
    const label = (row: RowId, name: string) => labelOf(recorder.rows, row, name);
    expect(recorder.counts.countOf(first)).toBe(2);
    expect(recorder.counts.requestBytesOf(first)).toBe(10);
    expect(label(first, 'source_workload')).toBe('webapp-v1');
    expect(label(first, 'destination_version')).toBe('v1');
    expect(label(first, 'pod')).toBe('catalog-v1-1');
    expect(label(first, 'response_flags')).toBe('-');
    expect(label(first, 'client')).toBe('');
    // It reached nobody: the workload is unknown, as in a mesh; subset and cluster say where it went.
    expect(label(overflowed, 'destination_workload')).toBe('unknown');
    expect(label(overflowed, 'destination_service_name')).toBe('catalog');
    expect(label(overflowed, 'subset')).toBe('v2');
    expect(label(overflowed, 'response_code')).toBe('503');
    expect(label(overflowed, 'response_flags')).toBe('UO');
  });

  it('gives a client’s requests the labels of where its first proxy counted them', () => {
    const { recorder, send } = recorded();
    send(1, 1000, 503, 'URX,UF');
    const [row] = [...recorder.rowsOf('client')];
    const label = (name: string) => labelOf(recorder.rows, row!, name);
    expect([label('client'), label('subset'), label('route'), label('host')]).toEqual([
      'shop',
      'v2',
      'canary',
      '10.1.0.1:8080',
    ]);
    expect(label('response_flags')).toBe('URX,UF');
  });

  it('keeps durations by client and by edge', () => {
    const { recorder, send } = recorded();
    send(0, 1000);
    send(1, 2000);
    expect(recorder.durationsOf(clientGroup('shop'))!.max).toBe(12_000_001);
    const edge = recorder.durationsOf(edgeGroup('default/webapp-v1', 'default/catalog'))!;
    expect([edge.count, edge.max]).toEqual([2, 10e6]);
  });

  it('cuts accumulators at their windows by intended send time, and matches a row once', () => {
    const { recorder, send } = recorded();
    const window = { fromNs: 1000, toNs: 2000 };
    const all = recorder.accumulate({
      ...window,
      kinds: ['source'],
      matches: () => true,
      durations: false,
    });
    const v2 = recorder.accumulate({
      ...everything,
      kinds: ['source'],
      matches: whereLabel('destination_version', 'v2'),
      durations: true,
    });
    for (const startNs of [999, 1000, 1999, 2000]) send(0, startNs);
    send(1, 1500);
    expect([all.count, v2.count, v2.rowCount]).toEqual([3, 1, 1]);
    expect(v2.histogram!.max).toBe(10e6);
    expect(() => recorder.accumulate({ ...all.request })).toThrow('before the first record');
  });

  it('leaves out what was sent during the warm-up, but not from the digest', () => {
    const warm = recorded(1500);
    const cold = recorded();
    for (const { send } of [warm, cold]) for (const startNs of [1000, 2000, 3000]) send(0, startNs);
    const row = [...warm.recorder.rowsOf('source')][0]!;
    expect(warm.recorder.counts.countOf(row)).toBe(2);
    expect(warm.recorder.durationsOf(clientGroup('shop'))!.count).toBe(2);
    expect(warm.recorder.finishDigest()).toBe(cold.recorder.finishDigest());
  });

  it('weighs gauges by time, one by one and summed over those that match', () => {
    const { recorder, proxy, clusters } = recorded();
    const sum = recorder.accumulateGauges({
      kinds: ['inflight'],
      matches: () => true,
      fromNs: 100,
      toNs: 200,
      durations: false,
    });
    const gauge = (cluster: number) =>
      recorder.internGauge({ kind: 'inflight', proxy, cluster, host: NONE });
    const [one, two] = clusters.map(gauge) as [number, number];
    expect(gauge(clusters[0]!)).toBe(one);
    recorder.setGauge(one, 4, 50);
    recorder.setGauge(two, 1, 120);
    recorder.setGauge(one, 0, 150);
    recorder.setGauge(two, 9, 200);
    // 4 from 100, 5 from 120, 1 from 150 to 200.
    expect(sum.window.mean(1000)).toBe((4 * 20 + 5 * 30 + 1 * 50) / 100);
    expect([sum.window.max, sum.rowCount]).toEqual([5, 2]);
    const whole = [...recorder.gaugesOf('inflight')].map(({ window }) => window);
    expect(whole.map((window) => [window.mean(200), window.max])).toEqual([
      [2, 4],
      [0.4, 9],
    ]);
  });

  it('logs ejections with the moment the host came back, and pushes', () => {
    const { recorder, proxy, clusters, hosts } = recorded();
    const [cluster, host] = [clusters[1]!, hosts[1]!];
    const ejection = { proxy, cluster, host, detector: 'consecutive 5xx', count: 5 };
    recorder.ejected(ejection, 61e9);
    recorder.unejected(proxy, cluster, host, 100e9);
    recorder.ejected({ ...ejection, count: 6 }, 110e9);
    recorder.pushed(proxy, 'canary-50-50.yaml', 30e9);
    expect(recorder.events.ejections.map(({ atNs, backNs }) => [atNs, backNs])).toEqual([
      [61e9, 100e9],
      [110e9, undefined],
    ]);
    expect(recorder.events.pushes).toEqual([{ proxy, change: 'canary-50-50.yaml', atNs: 30e9 }]);
    const row = [...recorder.rowsOf('ejection')][0]!;
    expect(recorder.counts.countOf(row)).toBe(2);
    expect(labelOf(recorder.rows, row, 'pod')).toBe('catalog-v2-1');
  });

  it('counts attempts by number, and overflows by limit', () => {
    const { recorder, proxy, clusters, hosts } = recorded();
    const attempt = new UpstreamAttempt();
    Object.assign(attempt, { proxy, cluster: clusters[0], host: hosts[0], code: 503 });
    recorder.attempt(attempt);
    attempt.attempt = 2;
    recorder.attempt(attempt);
    recorder.overflowed(proxy, clusters[0]!, 'pending', 5);
    const labels = (kind: 'attempt' | 'overflow', label: string) =>
      [...recorder.rowsOf(kind)].map((row) => labelOf(recorder.rows, row, label));
    expect(labels('attempt', 'attempt')).toEqual(['1', '2']);
    expect(labels('overflow', 'limit')).toEqual(['pending']);
  });

  it('has a digest that every outcome moves, and nothing else', () => {
    const digest = (startNs: number, code: number, flags: string) => {
      const { recorder, send } = recorded();
      send(0, 1000);
      send(0, startNs, code, flags);
      return recorder.finishDigest();
    };
    const base = digest(2000, 503, 'UC');
    expect(base).toMatch(/^[0-9a-f]{16}$/);
    expect(digest(2000, 503, 'UC')).toBe(base);
    expect(digest(2001, 503, 'UC')).not.toBe(base);
    expect(digest(2000, 502, 'UC')).not.toBe(base);
    expect(digest(2000, 503, 'UF')).not.toBe(base);
  });

  it('samples the first of every outcome, the slowest, and evenly of the rest', () => {
    const { recorder, send } = recorded();
    for (let index = 0; index < 5000; index++) {
      if (index === 4321) send(1, index * 1000, 503, 'UO');
      else send(0, index * 1000);
    }
    const sampled = recorder.sample.requests();
    expect(sampled.map(({ number }) => number)).toContain(4322);
    expect(sampled.length).toBeGreaterThan(200);
    expect(sampled.length).toBeLessThan(400);
    const numbers = sampled.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    const meanNumber = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    expect(Math.abs(meanNumber - 2500)).toBeLessThan(700);
  });

  it('keeps requests, durations and gauges in buckets when asked to', () => {
    const { recorder, send, proxy, clusters } = recorded(0, { stepNs: 1000, untilNs: 3000 });
    for (const startNs of [1, 999, 1000, 2500, 9000]) send(0, startNs);
    const cluster = clusters[0]!;
    const gauge = recorder.internGauge({ kind: 'pending', proxy, cluster, host: NONE });
    recorder.setGauge(gauge, 4, 500);
    recorder.setGauge(gauge, 1, 1500);
    const [row] = [...recorder.rowsOf('source')];
    const series = recorder.series!;
    expect([...series.countsOf(row!)!]).toEqual([2, 1, 2]);
    const durations = series.durationsOf(clientGroup('shop'))!;
    expect(durations.map((histogram) => histogram?.count)).toEqual([3, undefined, 2]);
    const read = [...recorder.gaugesOf('pending')][0]!.series!.read(3000);
    expect([[...read.mean], [...read.max]]).toEqual([
      [2, 2.5, 1],
      [4, 4, 1],
    ]);
  });
});
