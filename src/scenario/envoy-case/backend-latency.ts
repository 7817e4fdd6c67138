import { log } from '#kernel/math.ts';
import type { BackendLatency } from './case-file.ts';

/** What a backend waits before it answers, in ms; `random` gives numbers from 0 to 1. */
export function sampleLatencyMs(latency: BackendLatency, random: () => number): number {
  if (typeof latency === 'number') return latency;
  switch (latency.dist) {
    case 'fixed':
      return latency.ms;
    case 'uniform':
      return latency.min + (latency.max - latency.min) * random();
    case 'exponential':
      return -latency.mean * log(1 - random());
    case 'choice': {
      let left = random() * latency.of.reduce((sum, it) => sum + it.p, 0);
      for (const it of latency.of) {
        left -= it.p;
        if (left < 0) return it.ms;
      }
      return latency.of.at(-1)?.ms ?? 0;
    }
  }
}
