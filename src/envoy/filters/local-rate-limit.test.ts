import { describe, expect, it } from 'vitest';
import { ScriptedRandom } from '#kernel/random.ts';
import type { LocalRateLimitConfig } from '#xds/http-filters.ts';
import { HeaderMap } from '../http/header-map.ts';
import { compileLocalRateLimit, LocalRateLimiter } from './local-rate-limit.ts';

const always = { defaultValue: { numerator: 100 } };
const zeros = () => new ScriptedRandom(Array.from({ length: 50 }, () => '0'));

function limiterOf(config: Omit<LocalRateLimitConfig, '@type'>) {
  const limit = compileLocalRateLimit({ '@type': 'l', ...config }, () => {});
  return { limit, limiter: new LocalRateLimiter(limit, 0) };
}

const two = { maxTokens: 2, tokensPerFill: 1, fillInterval: '1s' };
const on = { filterEnabled: always, filterEnforced: always };

describe('a local rate limit', () => {
  it('fills continuously: a token a second, not a burst at each fill', () => {
    const { limiter } = limiterOf({ tokenBucket: two, ...on });
    const times = [0, 0, 0, 0.5, 1, 1.5, 2];
    expect(times.map((timeS) => limiter.onRequest([], timeS * 1e9, zeros()))).toEqual([
      'ok',
      'ok',
      'reject',
      'reject',
      'ok',
      'reject',
      'ok',
    ]);
    expect(limiter).toMatchObject({ enabled: 7, ok: 4, rateLimited: 3, enforced: 3 });
  });

  it('is off unless enabled, and lets through what it does not enforce', () => {
    expect(limiterOf({ tokenBucket: two }).limiter.onRequest([], 0, zeros())).toBe('off');
    const { limiter } = limiterOf({ tokenBucket: { ...two, maxTokens: 1 }, filterEnabled: always });
    limiter.onRequest([], 0, zeros());
    expect(limiter.onRequest([], 0, zeros())).toBe('limited');
  });

  it('takes from every matched descriptor, slowest first, and then from the default bucket', () => {
    const descriptor = (value: string, tokensPerFill: number) => ({
      entries: [{ key: 'user', value }],
      tokenBucket: { maxTokens: 1, tokensPerFill, fillInterval: '1s' },
    });
    const { limiter } = limiterOf({
      tokenBucket: two,
      ...on,
      descriptors: [descriptor('fast', 10), descriptor('slow', 1)],
    });
    const by = (user: string) => limiter.onRequest([[{ key: 'user', value: user }]], 0, zeros());
    expect([by('slow'), by('slow'), by('fast'), by('other')]).toEqual([
      'ok',
      'reject',
      'ok',
      'reject',
    ]);
  });

  it('keeps a bucket for each value that a wildcard meets, and forgets the oldest', () => {
    const { limiter } = limiterOf({
      ...on,
      maxDynamicDescriptors: 2,
      descriptors: [{ entries: [{ key: 'user' }], tokenBucket: { ...two, maxTokens: 1 } }],
    });
    const by = (user: string) => limiter.onRequest([[{ key: 'user', value: user }]], 0, zeros());
    expect([by('a'), by('b'), by('a'), by('c'), by('b')]).toEqual([
      'ok',
      'ok',
      'reject',
      'ok',
      'ok',
    ]);
  });

  it('answers 429 or another status from 400 on, and computes descriptors from actions', () => {
    expect(limiterOf({ status: { code: 503 } }).limit.status).toBe(503);
    expect(limiterOf({ status: { code: 200 } }).limit.status).toBe(429);
    const { limit } = limiterOf({
      rateLimits: [
        {
          actions: [
            { genericKey: { descriptorValue: 'v' } },
            { requestHeaders: { headerName: 'X-U', descriptorKey: 'u' } },
          ],
        },
        { actions: [{ remoteAddress: {} }, { destinationCluster: {} }] },
      ],
    });
    const headers = HeaderMap.of([['x-u', 'alice']]);
    const request = {
      method: 'GET',
      path: '/',
      authority: 'a',
      scheme: 'http',
      headers,
      bodyBytes: 0,
    };
    expect(limit.actions.map((action) => action(request, '10.0.0.1:5', 'c'))).toEqual([
      [
        { key: 'generic_key', value: 'v' },
        { key: 'u', value: 'alice' },
      ],
      [
        { key: 'remote_address', value: '10.0.0.1' },
        { key: 'destination_cluster', value: 'c' },
      ],
    ]);
  });
});
