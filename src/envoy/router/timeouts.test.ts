import { describe, expect, it } from 'vitest';
import type { RouteAction } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import { compileRouteConfiguration } from './route-configuration.ts';
import { expectedTimeoutMs, finalTimeouts, routeTimeoutNs, streamDurationNs } from './timeouts.ts';

const MS = 1e6;

function routeTimeout(action: RouteAction, headers: Record<string, string> = {}): number {
  const { forward, request } = forwarded(action, headers);
  return routeTimeoutNs(forward, request) / MS;
}

function forwarded(action: RouteAction, headers: Record<string, string>) {
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

function final(routeMs: number, perTryMs: number, headerMs?: number, headerPerTryMs?: number) {
  const timeouts = { globalNs: 0, perTryNs: 0 };
  finalTimeouts(
    {
      routeTimeoutNs: routeMs * MS,
      perTryTimeoutNs: perTryMs * MS,
      headerTimeoutMs: headerMs,
      headerPerTryMs,
    },
    timeouts,
  );
  return [timeouts.globalNs / MS, timeouts.perTryNs / MS];
}

describe('the timeouts of a request', () => {
  it('drop a per-try timeout that is not below the global one', () => {
    expect(final(200, 200)).toEqual([200, 0]);
    expect(final(200, 199)).toEqual([200, 199]);
    expect(final(0, 500)).toEqual([0, 500]);
  });

  it('follow the headers of an internal request, 0 included', () => {
    expect(final(15000, 500, 0)).toEqual([0, 500]);
    expect(final(15000, 500, 600, 700)).toEqual([600, 0]);
  });

  it('are none where the route limits the duration of streams instead', () => {
    expect(routeTimeout({ cluster: 'c', maxStreamDuration: { maxStreamDuration: '9s' } })).toBe(0);
    expect(routeTimeout({ cluster: 'c' })).toBe(15000);
  });

  it('follow grpc-timeout where the route lets them, less its offset and at most its maximum', () => {
    const grpc = (timeout: string) => ({
      'content-type': 'application/grpc',
      'grpc-timeout': timeout,
    });
    const action = { cluster: 'c', maxGrpcTimeout: '10s', grpcTimeoutOffset: '0.1s' };
    expect(routeTimeout(action, grpc('2S'))).toBe(1900);
    expect(routeTimeout(action, grpc('1M'))).toBe(10000);
    expect(routeTimeout(action, grpc('50m'))).toBe(50);
    expect(routeTimeout(action, grpc('1n'))).toBe(1); // Rounded up.
    expect(routeTimeout(action, { 'grpc-timeout': '2S' })).toBe(15000); // No gRPC request.
    expect(routeTimeout({ cluster: 'c', maxGrpcTimeout: '0s' }, grpc('1H'))).toBe(3_600_000);
  });
});

describe('the duration of a stream', () => {
  it('is what the route or grpc-timeout says, within its bounds', () => {
    const maxStreamDuration = {
      maxStreamDuration: '9s',
      grpcTimeoutHeaderMax: '5s',
      grpcTimeoutHeaderOffset: '1s',
    };
    const duration = (action: RouteAction, headers: Record<string, string> = {}) => {
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
  const expected = (globalMs: number, perTryMs: number, elapsedMs: number, hedges = false) =>
    expectedTimeoutMs({ globalNs: globalMs * MS, perTryNs: perTryMs * MS }, hedges, elapsedMs * MS);

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
