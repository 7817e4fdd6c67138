import { expectedTimeoutMs, finalTimeouts } from '#envoy/router/timeouts.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly route_timeout_ms: number;
  readonly per_try_timeout_ms: number;
  readonly header_timeout_ms: number | null;
  readonly header_per_try_ms: number | null;
  readonly hedge_on_per_try_timeout: boolean;
  readonly elapsed_ms: number;
}

export const run: VectorAdapter = (vector: Vector) => {
  const timeouts = { globalNs: 0, perTryNs: 0 };
  finalTimeouts(
    {
      routeTimeoutNs: vector.route_timeout_ms * 1e6,
      perTryTimeoutNs: vector.per_try_timeout_ms * 1e6,
      headerTimeoutMs: vector.header_timeout_ms ?? undefined,
      headerPerTryMs: vector.header_per_try_ms ?? undefined,
    },
    timeouts,
  );
  const elapsedNs = vector.elapsed_ms * 1e6;
  const expected = expectedTimeoutMs(timeouts, vector.hedge_on_per_try_timeout, elapsedNs);
  return {
    expect: {
      global_ms: timeouts.globalNs / 1e6,
      per_try_ms: timeouts.perTryNs / 1e6,
      expected_header: expected === 0 ? null : expected,
    },
  };
};
