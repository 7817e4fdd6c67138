import { ExponentialBackOff, lowerBoundWaitMs } from '#envoy/router/back-off.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import type { VectorAdapter } from './adapter.ts';
import { retryPolicyOf } from './support/attempts.ts';

interface Vector {
  readonly kind: 'exponential' | 'lower_bound';
  readonly base_interval_ms: number | null;
  readonly max_interval_ms: number | null;
  readonly randoms: readonly string[];
  readonly interval_ms: number;
  readonly random: string;
}

export const run: VectorAdapter = (vector: Vector) => {
  if (vector.kind === 'lower_bound') {
    const random = new ScriptedRandom([vector.random]);
    return { expect: { wait_ms: lowerBoundWaitMs(vector.interval_ms, random) } };
  }
  const { backOffBaseMs, backOffMaxMs } = retryPolicyOf({
    retryBackOff: {
      ...(vector.base_interval_ms === null
        ? {}
        : { baseInterval: inSeconds(vector.base_interval_ms) }),
      ...(vector.max_interval_ms === null
        ? {}
        : { maxInterval: inSeconds(vector.max_interval_ms) }),
    },
  });
  const backOff = new ExponentialBackOff(backOffBaseMs, backOffMaxMs);
  const random = new ScriptedRandom(vector.randoms);
  const bounds: number[] = [];
  const waits: number[] = [];
  for (let wait = 0; wait < vector.randoms.length; wait++) {
    bounds.push(backOff.nextBoundMs);
    waits.push(backOff.nextWaitMs(random));
  }
  return { expect: { bounds, waits_ms: waits } };
};

function inSeconds(ms: number): string {
  return `${ms / 1000}s`;
}
