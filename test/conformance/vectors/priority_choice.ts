import { choosePriority, priorityOf } from '#envoy/load-balancing/priority-load.ts';
import { modUint64, parseUint64 } from '#kernel/uint64.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly healthy_load: number[];
  readonly degraded_load: number[];
  readonly picks: readonly { readonly hash: string }[];
}

export const run: VectorAdapter = ({ healthy_load, degraded_load, picks }: Vector) => ({
  picks: picks.map(({ hash }) => {
    const percent = modUint64(parseUint64(hash)!, 100);
    const choice = choosePriority({ healthy: healthy_load, degraded: degraded_load }, percent);
    const availability = choice < 0 ? 'degraded' : 'healthy';
    return { hash, priority: priorityOf(choice), availability };
  }),
});
