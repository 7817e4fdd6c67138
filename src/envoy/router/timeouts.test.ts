import { describe, expect, it } from 'vitest';
import type { RouteAction } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import { compileRouteConfiguration } from './route-configuration.ts';
import { expectedTimeoutMs, requestTimeouts, streamDurationNs } from './timeouts.ts';

const MS = 1e6;

type Headers = Readonly<Record<string, string>>;

function forwarded(action: RouteAction, headers: Headers = {}) {
  const { virtualHosts } = compileRouteConfiguration({
    name: 'r',
    virtualHosts: [
      { name: 'v', domains: ['*'], routes: [{ match: { prefix: '/' }, route: action }] },
    ],
  });
  const forward = virtualHosts[0]!.routes[0]!.entries[0]!.forward!;
  const request = {
    method: 'POST',
    path: '/',
    authority: 'a',
    scheme: 'http',
    headers: HeaderMap.of(Object.entries(headers)),
    bodyBytes: 0,
  };
  return { forward, request };
}

function timeoutsOf(action: Partial<RouteAction>, headers: Headers = {}, isInternal = true) {
  const { forward, request } = forwarded({ cluster: 'c', ...action }, headers);
  const timeouts = { globalNs: 0, perTryNs: 0, hedgesOnPerTry: false, hasAltResponse: false };
  requestTimeouts(forward, request, isInternal, timeouts);
  return { ...timeouts, globalMs: timeouts.globalNs / MS, perTryMs: timeouts.perTryNs / MS };
}

const routeWith = (timeout: string, perTryTimeout: string): RouteAction => ({
  timeout,
  retryPolicy: { perTryTimeout },
});

describe('the timeouts of a request', () => {
  it.each([
    ['0.2s', '0.2s', 200, 0],
    ['0.2s', '0.199s', 200, 199],
    ['0s', '0.5s', 0, 500],
  ])('of a route with %s and %s per try are %i and %i ms', (global, perTry, globalMs, perTryMs) => {
    expect(timeoutsOf(routeWith(global, perTry))).toMatchObject({ globalMs, perTryMs });
  });

  it('follow the headers of an internal request, 0 included, and of no other', () => {
    const none = { 'x-envoy-upstream-rq-timeout-ms': '0' };
    expect(timeoutsOf(routeWith('15s', '0.5s'), none)).toMatchObject({
      globalMs: 0,
      perTryMs: 500,
    });
    expect(timeoutsOf(routeWith('15s', '0.5s'), none, false).globalMs).toBe(15000);
    const both = {
      'x-envoy-upstream-rq-timeout-ms': '600',
      'x-envoy-upstream-rq-per-try-timeout-ms': '700',
    };
    expect(timeoutsOf({}, both)).toMatchObject({ globalMs: 600, perTryMs: 0 });
    expect(timeoutsOf({}, { 'x-envoy-upstream-rq-timeout-ms': 'abc' }).globalMs).toBe(15000);
  });

  it('may hedge and may be answered with 204, as the headers of an internal request say', () => {
    const headers = {
      'x-envoy-hedge-on-per-try-timeout': 'true',
      'x-envoy-upstream-rq-timeout-alt-response': '1',
    };
    expect(timeoutsOf({}, headers)).toMatchObject({ hedgesOnPerTry: true, hasAltResponse: true });
    const hedging = { hedgePolicy: { hedgeOnPerTryTimeout: true } };
    expect(timeoutsOf(hedging).hedgesOnPerTry).toBe(true);
    expect(
      timeoutsOf(hedging, { 'x-envoy-hedge-on-per-try-timeout': 'false' }).hedgesOnPerTry,
    ).toBe(false);
  });

  it('are none where the route limits the duration of streams instead', () => {
    expect(timeoutsOf({ maxStreamDuration: { maxStreamDuration: '9s' } }).globalNs).toBe(0);
  });

  it('follow grpc-timeout where the route lets them, less its offset and at most its maximum', () => {
    const grpc = (timeout: string) => ({
      'content-type': 'application/grpc',
      'grpc-timeout': timeout,
    });
    const action = { maxGrpcTimeout: '10s', grpcTimeoutOffset: '0.1s' };
    expect(timeoutsOf(action, grpc('2S')).globalMs).toBe(1900);
    expect(timeoutsOf(action, grpc('1M')).globalMs).toBe(10000);
    expect(timeoutsOf(action, grpc('50m')).globalMs).toBe(50);
    expect(timeoutsOf(action, grpc('1n')).globalMs).toBe(1); // Rounded up.
    expect(timeoutsOf(action, { 'grpc-timeout': '2S' }).globalMs).toBe(15000); // No gRPC request.
    expect(timeoutsOf({ maxGrpcTimeout: '0s' }, grpc('1H')).globalMs).toBe(3_600_000);
  });
});

describe('the duration of a stream', () => {
  it('is what the route or grpc-timeout says, within its bounds', () => {
    const maxStreamDuration = {
      maxStreamDuration: '9s',
      grpcTimeoutHeaderMax: '5s',
      grpcTimeoutHeaderOffset: '1s',
    };
    const duration = (action: Partial<RouteAction>, headers: Headers = {}) => {
      const { forward, request } = forwarded({ cluster: 'c', ...action }, headers);
      return streamDurationNs(forward, request);
    };
    expect(duration({})).toBeUndefined();
    expect(duration({ maxStreamDuration })).toBe(9e9);
    expect(duration({ maxStreamDuration }, { 'grpc-timeout': '3S' })).toBe(2e9);
    expect(duration({ maxStreamDuration }, { 'grpc-timeout': '1M' })).toBe(4e9);
    expect(duration({ maxStreamDuration }, { 'grpc-timeout': '1S' })).toBe(0);
  });
});

describe('the expected timeout that an upstream is told', () => {
  const expected = (
    globalMs: number,
    perTryMs: number,
    elapsedMs: number,
    hedgesOnPerTry = false,
  ) =>
    expectedTimeoutMs(
      { globalNs: globalMs * MS, perTryNs: perTryMs * MS, hedgesOnPerTry, hasAltResponse: false },
      elapsedMs * MS,
    );

  it('is the per-try timeout, else what is left of the global one', () => {
    expect(expected(15000, 2000, 0)).toBe(2000);
    expect(expected(15000, 0, 18.9)).toBe(14982);
    expect(expected(15000, 2000, 14000)).toBe(1000);
    expect(expected(15000, 2000, 16000)).toBe(1);
    expect(expected(0, 0, 0)).toBe(0);
  });

  it('is never the per-try timeout when that does not end the attempt', () => {
    expect(expected(15000, 2000, 0, true)).toBe(15000);
    expect(expected(0, 2000, 0, true)).toBe(0);
  });
});
