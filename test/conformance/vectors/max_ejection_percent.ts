import { mayEject } from '#envoy/upstream/outlier-ejection.ts';
import type { VectorAdapter } from './adapter.ts';

interface Vector {
  readonly hosts: number;
  readonly ejections_active: number;
  readonly max_ejection_percent: number;
  readonly always_eject_one_host: boolean;
}

export const run: VectorAdapter = (vector: Vector) => ({
  allowed: mayEject(
    { hostCount: vector.hosts, ejectionsActive: vector.ejections_active },
    {
      maxEjectionPercent: vector.max_ejection_percent,
      alwaysEjectOneHost: vector.always_eject_one_host,
    },
  ),
});
