import type { MeshConfigSpec } from '#config/istio/mesh-config.ts';
import type { Resource } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { istioBehaviours } from '#istiod/model/istio-version.ts';
import { member } from '#source/yaml-value.ts';
import { agentSettings } from './cluster/pod-shutdown.ts';
import type { IstiodOptions } from './generate-config.ts';
import type { MeshDrain } from './pod-termination.ts';

/** What the release of Istio, its `meshConfig.defaultConfig` and the nodes say of the end of sidecars. */
export function meshDrainOf(
  { meshConfig, istioMinor }: Pick<IstiodOptions, 'meshConfig' | 'istioMinor'>,
  store: ResourceStore,
): MeshDrain {
  const defaults: MeshConfigSpec['defaultConfig'] | undefined = meshConfig?.defaultConfig;
  const { injectsNativeSidecars } = istioBehaviours(istioMinor);
  return {
    drainNs: defaults?.terminationDrainDuration,
    isSidecarNative: injectsNativeSidecars && store.of('Node').every(runsNativeSidecars),
    agent: agentSettings((name) => defaults?.proxyMetadata?.get(name)),
  };
}

/** Kubernetes 1.33 and later; a node that does not say its version is taken for a new one. */
const NATIVE_SINCE_MINOR = 33;

/** @source istio: pkg/kube/inject/webhook.go, detectNativeSidecar */
function runsNativeSidecars({ raw }: Resource): boolean {
  const version = member(member(member(raw, 'status'), 'nodeInfo'), 'kubeletVersion');
  if (typeof version !== 'string') return true;
  const minor = Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? 0);
  return minor >= NATIVE_SINCE_MINOR;
}
