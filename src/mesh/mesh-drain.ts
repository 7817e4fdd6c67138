import type { MeshConfigSpec } from '#config/istio/mesh-config.ts';
import { agentSettings } from './cluster/pod-shutdown.ts';
import type { MeshDrain } from './pod-termination.ts';

/** What `meshConfig.defaultConfig` says of the end of sidecars. */
export function meshDrainOf(config: MeshConfigSpec | undefined): MeshDrain {
  const defaults = config?.defaultConfig;
  return {
    drainNs: defaults?.terminationDrainDuration,
    agent: agentSettings((name) => defaults?.proxyMetadata?.get(name)),
  };
}
