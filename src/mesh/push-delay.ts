import { keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import { type LatencySampler, latencySampler } from '#world/latency.ts';

/** How long a change takes from istiod to a proxy; all zero = it is everywhere at once. */
export interface PushTimes {
  readonly debounceNs: number;
  readonly maxDebounceNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
}

/** Draws how long a version of the configuration is on its way to a proxy. */
export class PushDelay {
  readonly #sampler: LatencySampler;
  readonly #purpose: number;
  readonly #seed: number;

  constructor(times: PushTimes, seed: number) {
    const { p50Ns, p99Ns } = times;
    this.#sampler = latencySampler(
      p50Ns === 0 || p99Ns <= p50Ns
        ? { kind: 'constant', ns: p50Ns }
        : {
            kind: 'logNormal',
            low: { percent: 50, ns: p50Ns },
            high: { percent: 99, ns: p99Ns },
          },
    );
    this.#purpose = streamHash(seed, 'push');
    this.#seed = seed;
  }

  /** Belongs to proxy and version: who else is there does not matter. */
  ofNs(proxyName: string, version: number): number {
    if (this.#sampler.constantNs !== undefined) return this.#sampler.constantNs;
    const uniform = keyedUniform(this.#purpose, {
      rootNumber: version,
      streamHash: streamHash(this.#seed, `proxy/${proxyName}`),
      callPathHash: 0,
      attempt: 1,
    });
    return this.#sampler.sampleNs(uniform);
  }
}
