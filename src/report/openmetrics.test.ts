import { describe, expect, it } from 'vitest';
import { UNKNOWN_WORKLOAD } from '#telemetry/labels.ts';
import { NONE, ProxyRequest } from '#telemetry/recorder.ts';
import { parseFlags } from '#telemetry/response-flags.ts';
import { RunRecorder } from '#telemetry/run-recorder.ts';
import { openMetricsText } from './openmetrics.ts';

const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Four requests of webapp to catalog in two seconds, one without a host; and a TCP connection. */
function recorded(stepNs?: number): string {
  const series = stepNs === undefined ? undefined : { stepNs, untilNs: 3e9 };
  const recorder = new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined, series });
  const webapp = { ...UNKNOWN_WORKLOAD, workload: 'webapp', namespace: 'a "b"', app: 'web\\app' };
  const proxy = recorder.internProxy({ ...webapp, name: 'webapp-1' });
  const cluster = recorder.internCluster({
    name: 'outbound|80||catalog.a.svc.cluster.local',
    subset: '',
    service: 'catalog.a.svc.cluster.local',
    serviceName: 'catalog',
    serviceNamespace: 'a',
  });
  const host = recorder.internHost({
    ...UNKNOWN_WORKLOAD,
    workload: 'catalog',
    address: '1.2.3.4:80',
  });
  const send = (startNs: number, durationNs: number, more: Partial<ProxyRequest> = {}) =>
    recorder.proxyRequest(
      Object.assign(new ProxyRequest(), {
        proxy,
        cluster,
        host,
        code: 200,
        attempts: 1,
        startNs,
        endNs: startNs + durationNs,
        requestBytes: 10,
        responseBytes: 100,
        ...more,
      }),
    );
  send(1e8, 7e6);
  send(2e8, 70e6, { attempts: 2 });
  send(15e8, 7e6);
  send(16e8, 0, { code: 503, flags: parseFlags('UH')!, host: NONE });
  send(1e8, 5e8, { protocol: 'tcp', code: 0 });
  return openMetricsText(recorder, { epochMs: EPOCH_MS, endNs: 3e9 });
}

const linesWith = (text: string, ...parts: readonly string[]) =>
  text.split('\n').filter((line) => parts.every((part) => line.includes(part)));
/** Value and timestamp, without the labels. */
const samples = (lines: readonly string[]) => lines.map((line) => line.split('} ')[1]);

describe('a run as OpenMetrics', () => {
  it('has Istio’s counters with all their labels, once for each set of them', () => {
    const ok = linesWith(recorded(), 'istio_requests_total', 'response_code="200"');
    expect(ok.length).toBe(1); // Attempts are no label of Istio's: two rows, one series.
    expect(samples(ok)).toEqual(['3 1767225603.000']);
    expect(ok[0]).toContain('reporter="source",source_workload="webapp"');
    expect(ok[0]).toContain('source_workload_namespace="a \\"b\\""');
    expect(ok[0]).toContain('source_app="web\\\\app"');
    expect(ok[0]).toContain('destination_service="catalog.a.svc.cluster.local"');
    const failed = linesWith(recorded(), 'istio_requests_total', 'response_flags="UH"');
    expect(failed[0]).toContain('destination_workload="unknown"');
  });

  it('has durations in whole milliseconds in Envoy’s cumulative buckets', () => {
    const name = 'istio_request_duration_milliseconds';
    const text = recorded();
    const upTo = (le: string) =>
      samples(linesWith(text, `${name}_bucket`, 'response_code="200"', `le="${le}"`))[0];
    expect(['5', '10', '50', '100', '+Inf'].map(upTo)).toEqual(
      [0, 2, 2, 3, 3].map((count) => `${count} 1767225603.000`),
    );
    expect(samples(linesWith(text, `${name}_sum`, 'response_code="200"'))).toEqual([
      '84 1767225603.000',
    ]);
  });

  it('has a running total at the end of each bucket of time, from zero on', () => {
    const lines = linesWith(recorded(1e9), 'istio_requests_total', 'response_code="200"');
    expect(samples(lines)).toEqual([
      '0 1767225600.000',
      '2 1767225601.000',
      '3 1767225602.000',
      '3 1767225603.000',
    ]);
  });

  it('keeps TCP apart from requests, without codes', () => {
    const opened = linesWith(recorded(), 'istio_tcp_connections_opened_total');
    expect(samples(opened)).toEqual(['1 1767225603.000']);
    expect(opened[0]).not.toContain('response_code');
    expect(linesWith(recorded(), 'istio_requests_total', 'request_protocol="tcp"')).toEqual([]);
  });

  it('names each family once, before its samples, and ends as the format wants', () => {
    const text = recorded(1e9);
    const types = linesWith(text, '# TYPE').map((line) => line.split(' ')[2]);
    expect(new Set(types).size).toBe(types.length);
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    let current = '';
    for (const line of text.split('\n')) {
      if (line.startsWith('# TYPE')) current = line.split(' ')[2]!;
      else if (line !== '' && !line.startsWith('#')) expect(line.startsWith(current)).toBe(true);
    }
  });
});
