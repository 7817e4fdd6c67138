import { describe, expect, it } from 'vitest';
import { HeaderMap } from '../http/header-map.ts';
import {
  type StreamResetReason,
  wouldRetryFromHeaders,
  wouldRetryFromReset,
} from './retry-decision.ts';
import { retryOnBits } from './retry-policy.ts';

const fromHeaders = (retryOn: string, status: number, headers: [string, string][] = []) =>
  wouldRetryFromHeaders(
    { retryOn: retryOnBits(retryOn), retriableStatusCodes: [503, 418], retriableHeaders: [] },
    status,
    HeaderMap.of(headers),
  );
const fromReset = (retryOn: string, reason: StreamResetReason, sent = true) =>
  wouldRetryFromReset(retryOnBits(retryOn), reason, sent);

describe('whether a response is worth a retry', () => {
  it.each<[string, number, boolean]>([
    ['5xx', 599, true],
    ['5xx', 499, false],
    ['gateway-error', 500, false],
    ['gateway-error', 504, true],
    ['retriable-4xx', 409, true],
    ['retriable-4xx', 404, false],
    ['retriable-status-codes', 418, true],
    ['retriable-status-codes', 502, false],
    ['connect-failure,reset,refused-stream', 503, false],
  ])('%s on %i: %s', (retryOn, status, expected) => {
    expect(fromHeaders(retryOn, status)).toBe(expected);
  });

  it('leaves rate-limited responses to the condition made for them', () => {
    const limited: [string, string][] = [['x-envoy-ratelimited', 'true']];
    expect(fromHeaders('5xx', 503, limited)).toBe(false);
    expect(fromHeaders('envoy-ratelimited', 200, limited)).toBe(true);
  });

  it('sees a gRPC status in the headers, whatever the HTTP status', () => {
    expect(fromHeaders('unavailable', 200, [['grpc-status', '14']])).toBe(true);
    expect(fromHeaders('unavailable', 200, [['grpc-status', '13']])).toBe(false);
  });

  it('pays no heed to an upstream that says it is overloaded', () => {
    expect(fromHeaders('5xx', 503, [['x-envoy-overloaded', 'true']])).toBe(true);
  });
});

describe('whether a reset is worth a retry', () => {
  it.each<[string, StreamResetReason, boolean]>([
    ['5xx,reset,connect-failure', 'overflow', false],
    ['connect-failure', 'connection-timeout', true],
    ['connect-failure', 'connection-termination', false],
    ['connect-failure', 'local-reset', false],
    ['refused-stream', 'remote-refused-stream', true],
    ['refused-stream', 'remote-reset', false],
    ['reset', 'protocol-error', true],
    ['gateway-error', 'remote-connection-failure', true],
    ['retriable-status-codes', 'connection-termination', false],
  ])('%s on %s: %s', (retryOn, reason, expected) => {
    expect(fromReset(retryOn, reason)).toBe(expected);
  });

  it('asks for reset-before-request whether any byte was sent', () => {
    expect(fromReset('reset-before-request', 'connection-termination', false)).toBe(true);
    expect(fromReset('reset-before-request', 'connection-termination', true)).toBe(false);
  });
});
