import { expectedTimeoutMs, requestTimeouts } from '#envoy/router/timeouts.ts';
import type { VectorAdapter } from './adapter.ts';
import { configurationOf, requestOf } from './support/routes.ts';

interface Vector {
  readonly route_timeout_ms: number;
  readonly per_try_timeout_ms: number;
  readonly header_timeout_ms: number | null;
  readonly header_per_try_ms: number | null;
  readonly hedge_on_per_try_timeout: boolean;
  readonly elapsed_ms: number;
}

export const run: VectorAdapter = (vector: Vector) => {
  const { virtualHosts } = configurationOf([
    {
      match: { prefix: '/' },
      route: {
        cluster: 'a',
        timeout: inSeconds(vector.route_timeout_ms),
        retry_policy: { per_try_timeout: inSeconds(vector.per_try_timeout_ms) },
        hedge_policy: { hedge_on_per_try_timeout: vector.hedge_on_per_try_timeout },
      },
    },
  ]);
  const headers = [
    ...headerOf('x-envoy-upstream-rq-timeout-ms', vector.header_timeout_ms),
    ...headerOf('x-envoy-upstream-rq-per-try-timeout-ms', vector.header_per_try_ms),
  ];
  const forward = virtualHosts[0]!.routes[0]!.entries[0]!.forward!;
  const timeouts = { globalNs: 0, perTryNs: 0, hedgesOnPerTry: false, hasAltResponse: false };
  requestTimeouts(forward, requestOf({ headers }), true, timeouts);
  const expected = expectedTimeoutMs(timeouts, vector.elapsed_ms * 1e6);
  return {
    expect: {
      global_ms: timeouts.globalNs / 1e6,
      per_try_ms: timeouts.perTryNs / 1e6,
      expected_header: expected === 0 ? null : expected,
    },
  };
};

function headerOf(name: string, value: number | null): [string, string][] {
  return value === null ? [] : [[name, String(value)]];
}

function inSeconds(ms: number): string {
  return `${ms / 1000}s`;
}
