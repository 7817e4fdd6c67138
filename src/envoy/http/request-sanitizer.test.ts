import { describe, expect, it } from 'vitest';
import type { HttpConnectionManager } from '#xds/listener.ts';
import { HeaderMap } from './header-map.ts';
import { RequestSanitizer } from './request-sanitizer.ts';

function sanitized(
  config: Partial<HttpConnectionManager>,
  headers: Record<string, string>,
  remoteIp = '10.1.2.3',
) {
  const sanitizer = new RequestSanitizer({ '@type': '', statPrefix: '', ...config }, ['x-secret']);
  const { request, clientAddress, isInternal } = sanitizer.sanitize(
    {
      method: 'GET',
      path: '/',
      authority: 'a',
      scheme: 'http',
      headers: HeaderMap.of(Object.entries(headers)),
      bodyBytes: 0,
    },
    remoteIp,
    '10.9.9.9:80',
  );
  return { headers: request.headers, clientAddress, isInternal };
}

const PRIVATE = { cidrRanges: [{ addressPrefix: '10.0.0.0', prefixLen: 8 }] };

describe('a request from outside', () => {
  it('loses the headers that steer an inner router, and internal-only ones', () => {
    const { headers, isInternal } = sanitized(
      {},
      { 'x-envoy-retry-on': '5xx', 'x-secret': '1', 'x-envoy-original-path': '/a', cookie: 'c' },
    );
    expect(isInternal).toBe(false);
    expect(headers.has('x-envoy-retry-on')).toBe(false);
    expect(headers.has('x-secret')).toBe(false);
    // Only an edge proxy takes these away.
    expect(headers.get('x-envoy-original-path')).toBe('/a');
    expect(headers.get('cookie')).toBe('c');
  });

  it('is known by the peer’s address, which is appended, where that is used', () => {
    const { headers } = sanitized({ useRemoteAddress: true }, { 'x-forwarded-for': '1.1.1.1' });
    expect(headers.get('x-forwarded-for')).toBe('1.1.1.1,10.1.2.3');
    expect(headers.get('x-forwarded-proto')).toBe('http');
  });

  it('does not carry headers of its connection on', () => {
    const { headers } = sanitized({}, { connection: 'keep-alive', te: 'gzip' });
    expect(headers.has('connection')).toBe(false);
    expect(headers.has('te')).toBe(false);
  });
});

describe('an internal request', () => {
  it('comes from a configured range; by default no range is internal', () => {
    const steering = { 'x-envoy-max-retries': '3' };
    expect(sanitized({ useRemoteAddress: true }, steering).isInternal).toBe(false);
    const inside = sanitized({ useRemoteAddress: true, internalAddressConfig: PRIVATE }, steering);
    expect(inside.isInternal).toBe(true);
    expect(inside.headers.get('x-envoy-max-retries')).toBe('3');
    expect(inside.headers.get('x-envoy-internal')).toBe('true');
  });

  it('needs exactly one forwarded address where the peer’s own is not looked at', () => {
    const config = { internalAddressConfig: PRIVATE };
    expect(sanitized(config, { 'x-forwarded-for': '10.0.0.9' }).isInternal).toBe(true);
    expect(sanitized(config, { 'x-forwarded-for': '10.0.0.9, 10.0.0.8' }).isInternal).toBe(false);
    expect(sanitized(config, {}).isInternal).toBe(false);
  });
});

describe('the client of a request', () => {
  const xff = { 'x-forwarded-for': '1.1.1.1, 2.2.2.2, 3.3.3.3' };

  it('is the last address of x-forwarded-for, unless the peer is to be believed alone', () => {
    expect(sanitized({}, xff).clientAddress).toBe('3.3.3.3:0');
    expect(sanitized({ useRemoteAddress: true }, xff).clientAddress).toBe('');
    expect(sanitized({}, {}).clientAddress).toBe('');
    expect(sanitized({}, { 'x-forwarded-for': 'nonsense' }).clientAddress).toBe('');
    expect(sanitized({}, { 'x-forwarded-for': 'fd00::1' }).clientAddress).toBe('[fd00::1]:0');
  });

  it('stands before the proxies that are trusted', () => {
    const hops = (xffNumTrustedHops: number, useRemoteAddress = false) =>
      sanitized({ xffNumTrustedHops, useRemoteAddress }, xff).clientAddress;
    expect([hops(1), hops(2), hops(3)]).toEqual(['2.2.2.2:0', '1.1.1.1:0', '']);
    expect([hops(1, true), hops(3, true)]).toEqual(['3.3.3.3:0', '1.1.1.1:0']);
  });
});
