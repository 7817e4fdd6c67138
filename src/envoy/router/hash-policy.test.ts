import { describe, expect, it } from 'vitest';
import { hexOfUint64, rotateLeftUint64, xorUint64, ZERO_UINT64 } from '#kernel/uint64.ts';
import { xxHash64 } from '#kernel/xxhash64.ts';
import type { HashPolicy } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import '../re2.ts';
import { HashPolicies } from './hash-policy.ts';

const connection = { remoteAddress: '10.0.0.1:4000', localAddress: '10.0.0.2:80' };

const result = (policies: HashPolicy[], headers: [string, string][] = [], path = '/') =>
  new HashPolicies(policies, () => {}).hash(
    {
      method: 'GET',
      path,
      authority: 'a',
      scheme: 'http',
      headers: HeaderMap.of(headers),
      bodyBytes: 0,
    },
    connection,
  );

describe('the hash of a request', () => {
  it('chains the sorted lines of a header, so that their order does not matter', () => {
    const policy = [{ header: { headerName: 'X-U' } }];
    const chained = xxHash64('b', xxHash64('a', ZERO_UINT64));
    expect(
      result(policy, [
        ['x-u', 'b'],
        ['x-u', 'a'],
      ]).hash,
    ).toEqual(chained);
    expect(result(policy, [['x-u', 'a']]).hash).toEqual(xxHash64('a'));
    expect(result(policy).hash).toBeUndefined();
  });

  it('rewrites a header before it is hashed', () => {
    const regexRewrite = { pattern: { regex: '-.*' }, substitution: '' };
    const policy = [{ header: { headerName: 'x-u', regexRewrite } }];
    expect(result(policy, [['x-u', 'alice-7']]).hash).toEqual(xxHash64('alice'));
  });

  it('rotates what it has before it adds the next, and stops behind a terminal one', () => {
    const header = (headerName: string, terminal = false) => ({ header: { headerName }, terminal });
    const lines: [string, string][] = [
      ['a', '1'],
      ['b', '2'],
    ];
    const [one, two] = [xxHash64('1'), xxHash64('2')];
    expect(result([header('a'), header('b')], lines).hash).toEqual(
      xorUint64(rotateLeftUint64(one, 1), two),
    );
    expect(result([header('a', true), header('b')], lines).hash).toEqual(one);
    expect(result([header('x', true), header('b')], lines).hash).toEqual(two);
    expect(result([header('a'), header('x', true), header('b')], lines).hash).toEqual(one);
  });

  it('takes the address without its port, and a query parameter as written', () => {
    expect(result([{ connectionProperties: { sourceIp: true } }]).hash).toEqual(
      xxHash64('10.0.0.1'),
    );
    const policy = [{ queryParameter: { name: 'u' } }];
    expect(result(policy, [], '/?xu=1&u=%20b&u=c').hash).toEqual(xxHash64('%20b'));
    expect(result(policy, [], '/?u').hash).toEqual(xxHash64(''));
    expect(result(policy, [], '/?v=u').hash).toBeUndefined();
  });

  it('makes up a cookie with a ttl, from both ends of the connection', () => {
    const value = hexOfUint64(xxHash64('10.0.0.1:400010.0.0.2:80'));
    const { hash, cookies } = result([{ cookie: { name: 'sid', ttl: '60s', path: '/x' } }]);
    expect(hash).toEqual(xxHash64(value));
    expect(cookies[0]?.setCookie).toBe(`sid="${value}"; Max-Age=60; Path=/x; HttpOnly`);
    expect(result([{ cookie: { name: 'sid', ttl: '0s' } }]).cookies[0]?.setCookie).toBe(
      `sid="${value}"; HttpOnly`,
    );
  });

  it('uses the cookie that came, and none without a ttl', () => {
    const policy = [{ cookie: { name: 'sid', ttl: '60s' } }];
    const came = result(policy, [['cookie', 'a=1; sid="abc"']]);
    expect(came.hash).toEqual(xxHash64('abc'));
    expect(came.cookies).toEqual([]);
    expect(result([{ cookie: { name: 'sid' } }]).hash).toBeUndefined();
  });
});
