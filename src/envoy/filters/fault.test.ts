import { describe, expect, it } from 'vitest';
import { ScriptedRandom } from '#kernel/random.ts';
import type { HttpFault } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import { compileFault, FaultStats, FaultStream, faultApplies, limitedBodyNs } from './fault.ts';

const faultOf = (fields: Omit<HttpFault, '@type'>) =>
  compileFault({ '@type': 'fault', ...fields }, () => {});
const percentage = (numerator: number) => ({ numerator });
const none = new HeaderMap();

const request = (headers: Record<string, string>) => ({
  method: 'GET',
  path: '/',
  authority: 'a',
  scheme: 'http',
  headers: HeaderMap.of(Object.entries(headers)),
  bodyBytes: 0,
});

describe('a fault', () => {
  it('delays first, and rolls for the abort when the delay is over', () => {
    const fault = faultOf({
      delay: { fixedDelay: '0.05s', percentage: percentage(50) },
      abort: { httpStatus: 503, percentage: percentage(50) },
    });
    const stats = new FaultStats();
    const stream = new FaultStream();
    const random = new ScriptedRandom(['49', '49', '49', '50']);
    expect(stream.onRequest(fault, none, stats, random)).toBe('delay');
    expect(stream.delayMs).toBe(50);
    expect(random.usedCount).toBe(1);
    expect(stream.onDelayOver(fault, none, stats, random)).toBe('abort');
    expect(stream.reply).toEqual({ status: 503, grpcStatus: undefined });
    expect(stats.activeFaults).toBe(1);
    stream.end(stats);
    expect(stats).toMatchObject({ activeFaults: 0, delaysInjected: 1, abortsInjected: 1 });
    stream.onRequest(fault, none, stats, random);
    expect(stream.onDelayOver(fault, none, stats, random)).toBe('continue');
    expect(stats.activeFaults).toBe(0); // A delay that is over counts no more.
  });

  it('rolls even for a share of nothing, and cuts a delay to whole milliseconds', () => {
    const random = new ScriptedRandom(['0', '0']);
    const fault = faultOf({
      delay: { fixedDelay: '0.0009s', percentage: percentage(100) },
      abort: { httpStatus: 503, percentage: percentage(0) },
    });
    const stream = new FaultStream();
    expect(stream.onRequest(fault, none, new FaultStats(), random)).toBe('continue');
    expect(random.usedCount).toBe(2);
    expect(stream.delayMs).toBe(0);
  });

  it('is skipped beyond the number of active faults', () => {
    const fault = faultOf({
      abort: { httpStatus: 500, percentage: percentage(100) },
      maxActiveFaults: 1,
    });
    const stats = new FaultStats();
    const [first, second] = [new FaultStream(), new FaultStream()];
    const random = new ScriptedRandom(['0', '0', '0']);
    expect(first.onRequest(fault, none, stats, random)).toBe('abort');
    expect(second.onRequest(fault, none, stats, random)).toBe('continue');
    expect(stats.faultsOverflow).toBe(1);
    first.end(stats);
    expect(second.onRequest(fault, none, stats, random)).toBe('abort');
  });

  it('takes its values from headers where it is controlled by them', () => {
    const fault = faultOf({
      delay: { headerDelay: {}, percentage: percentage(100) },
      abort: { headerAbort: {}, percentage: percentage(30) },
    });
    const run = (headers: Record<string, string>, ...draws: string[]) => {
      const stream = new FaultStream();
      const map = HeaderMap.of(Object.entries(headers));
      const step = stream.onRequest(fault, map, new FaultStats(), new ScriptedRandom(draws));
      return [step, stream.delayMs, stream.reply?.status, stream.reply?.grpcStatus];
    };
    expect(run({}, '0', '0')).toEqual(['continue', 0, undefined, undefined]);
    expect(run({ 'x-envoy-fault-delay-request': '70' }, '0')).toEqual([
      'delay',
      70,
      undefined,
      undefined,
    ]);
    expect(run({ 'x-envoy-fault-abort-request': '429' }, '0', '29')[2]).toBe(429);
    const lowered = {
      'x-envoy-fault-abort-request': '429',
      'x-envoy-fault-abort-request-percentage': '10',
    };
    expect(run(lowered, '0', '10')[0]).toBe('continue');
    expect(run({ 'x-envoy-fault-abort-request': '600' }, '0', '0')[0]).toBe('continue');
    expect(run({ 'x-envoy-fault-abort-grpc-request': '14' }, '0', '0')).toEqual([
      'abort',
      0,
      200,
      14,
    ]);
  });

  it('is meant for a cluster, a node and headers, where it names them', () => {
    const fault = faultOf({
      upstreamCluster: 'c',
      downstreamNodes: ['n1'],
      headers: [{ name: 'x-user', stringMatch: { exact: 'jason' } }],
    });
    const from = { 'x-envoy-downstream-service-node': 'n1', 'x-user': 'jason' };
    expect(faultApplies(fault, request(from), 'c')).toBe(true);
    expect(faultApplies(fault, request(from), 'd')).toBe(false);
    expect(faultApplies(fault, request({ ...from, 'x-user': 'a' }), 'c')).toBe(false);
    expect(faultApplies(fault, request({ 'x-user': 'jason' }), 'c')).toBe(false);
  });
});

describe('a response held to a rate', () => {
  it('goes out in slices of a sixteenth of a second, the first at once', () => {
    const delaysMs = [0, 500, 1024, 1025, 4096].map((bytes) => limitedBodyNs(bytes, 16) / 1e6);
    expect(delaysMs).toEqual([0, 0, 0, 63, 189]);
  });
});
