import { describe, expect, it } from 'vitest';
import { ScriptedRandom } from '#kernel/random.ts';
import type { RetryPolicy } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { HttpRequest } from '../network.ts';
import { ClusterStats } from '../upstream/cluster-stats.ts';
import { ResourceManager } from '../upstream/resource-manager.ts';
import { compileRetryPolicy, retryOnNames } from './retry-policy.ts';
import { RetryState } from './retry-state.ts';

const requestWith = (headers: Record<string, string> = {}): HttpRequest => ({
  method: 'GET',
  path: '/',
  authority: 'a',
  scheme: 'http',
  headers: HeaderMap.of(Object.entries(headers)),
  bodyBytes: 0,
});

const random = () => new ScriptedRandom(Array.from({ length: 20 }, () => '1000007'));
const EMPTY = new HeaderMap();

function stateOf(
  policy: RetryPolicy | undefined,
  { maxRetries = 3, headers = {} as Record<string, string> } = {},
) {
  const resources = new ResourceManager({ maxRetries });
  const stats = new ClusterStats();
  const state = new RetryState();
  const compiled = policy && compileRetryPolicy(policy, () => {});
  const hasRetries = state.start(compiled, requestWith(headers), resources, stats);
  const on = (status: number, response = EMPTY, nowNs = 0) =>
    state.shouldRetryHeaders(status, response, random(), nowNs, 0);
  return { state, stats, resources, hasRetries, on };
}

describe('the retries of a request', () => {
  it('do not exist without retry_on', () => {
    expect(stateOf(undefined).hasRetries).toBe(false);
    expect(stateOf({ numRetries: 3 }).hasRetries).toBe(false);
    expect(stateOf(undefined, { headers: { 'x-envoy-retry-on': '5xx' } }).hasRetries).toBe(true);
  });

  it('hold a slot from the decision to the next decision', () => {
    const { state, stats, resources, on } = stateOf({ retryOn: '5xx', numRetries: 2 });
    expect(on(503)).toBe('yes');
    expect(resources.retries.current).toBe(1);
    expect(stats.upstreamRqRetry).toBe(0);
    state.onRetryPerformed();
    expect(stats.upstreamRqRetry).toBe(1);
    expect(on(404)).toBe('no');
    expect(stats.upstreamRqRetrySuccess).toBe(1); // Nothing to retry: whatever that says of a 404.
    expect(resources.retries.current).toBe(0);
    state.release();
    expect(resources.retries.current).toBe(0);
  });

  it('end with their number, and an overflow uses one up', () => {
    const { stats, on } = stateOf({ retryOn: '5xx', numRetries: 1 });
    expect([on(500), on(500)]).toEqual(['yes', 'limit']);
    expect(stats.upstreamRqRetryLimitExceeded).toBe(1);
    const full = stateOf({ retryOn: '5xx', numRetries: 1 }, { maxRetries: 0 });
    expect([full.on(500), full.on(500)]).toEqual(['overflow', 'limit']);
    expect(full.stats.upstreamRqRetryOverflow).toBe(1);
  });

  it('take conditions, number and codes from the headers of an internal request', () => {
    const headers = {
      'x-envoy-retry-on': 'retriable-status-codes, cancelled',
      'x-envoy-retry-grpc-on': 'unavailable,5xx',
      'x-envoy-max-retries': '7',
      'x-envoy-retriable-status-codes': '418, x, 420',
    };
    const { state, on } = stateOf({ retryOn: 'reset', retriableStatusCodes: [409] }, { headers });
    expect(retryOnNames(state.retryOn)).toEqual(['unavailable', 'retriable-status-codes', 'reset']);
    expect(state.remaining).toBe(7);
    expect([409, 418, 420, 500].map((status) => on(status))).toEqual(['yes', 'yes', 'yes', 'no']);
  });

  it('are given up when the request lacks a header that they need', () => {
    const policy = { retryOn: '5xx', retriableRequestHeaders: [{ name: 'x-idempotent' }] };
    expect(stateOf(policy).on(503)).toBe('no');
    expect(stateOf(policy, { headers: { 'x-idempotent': '1' } }).on(503)).toBe('yes');
  });

  it('wait below an interval that doubles up to ten times the base', () => {
    const { state } = stateOf({ retryOn: '5xx', numRetries: 9 });
    const script = new ScriptedRandom(['24', '49', '99', '199', '249', '250']);
    const waits = Array.from({ length: 6 }, () => {
      state.shouldRetryReset('connection-termination', true, script);
      return state.waitMs;
    });
    expect(waits).toEqual([24, 49, 99, 199, 249, 0]);
  });

  it('wait as long as a reset header asks, if that is within bounds', () => {
    const limited = {
      retryOn: '5xx',
      numRetries: 9,
      rateLimitedRetryBackOff: {
        resetHeaders: [
          { name: 'Retry-After' },
          { name: 'x-reset', format: 'UNIX_TIMESTAMP' as const },
        ],
        maxInterval: '100s',
      },
    };
    const { state, stats, on } = stateOf(limited);
    on(503, HeaderMap.of([['retry-after', '4']]));
    expect(state.waitMs).toBe(4000 + (1000007 % 2000));
    state.onRetryPerformed();
    on(503, HeaderMap.of([['x-reset', '110']]), 100e9);
    expect(state.waitMs).toBe(10000 + (1000007 % 5000));
    state.onRetryPerformed();
    on(503, HeaderMap.of([['retry-after', '101']]));
    expect(state.waitMs).toBe(1000007 % 25);
    state.onRetryPerformed();
    expect(stats.upstreamRqRetryBackoffRatelimited).toBe(2);
    expect(stats.upstreamRqRetryBackoffExponential).toBe(1);
  });

  it('treat a hedged attempt as retriable whatever the conditions', () => {
    const { state } = stateOf({ retryOn: 'retriable-4xx', numRetries: 1 });
    expect(state.shouldHedgeRetry(random())).toBe('yes');
    expect(state.shouldHedgeRetry(random())).toBe('limit');
  });
});

describe('a retry policy', () => {
  it('ignores what it does not know and counts intervals below a millisecond as one', () => {
    const policy = compileRetryPolicy(
      { retryOn: ' 5xx ,nonsense', retryBackOff: { baseInterval: '0.0001s' } },
      () => {},
    );
    expect(retryOnNames(policy.retryOn)).toEqual(['5xx']);
    expect([policy.backOffBaseMs, policy.backOffMaxMs, policy.numRetries]).toEqual([1, 10, 1]);
  });

  it('is refused when its longest interval is below its base', () => {
    const problems: string[] = [];
    const retryBackOff = { baseInterval: '1s', maxInterval: '0.5s' };
    compileRetryPolicy({ retryOn: '5xx', retryBackOff }, (problem) => problems.push(problem));
    expect(problems).toHaveLength(1);
  });
});
