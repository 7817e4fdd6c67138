import type { TrafficPolicy } from '#config/istio/destination-rule.ts';
import type { DestinationRule, Resource } from '#config/resource.ts';
import { memoOf } from '#source/memo.ts';
import type { Path } from '#source/path.ts';
import type { MeshConfig } from './mesh-config.ts';

/** A traffic policy and where it stands. */
export interface PlacedPolicy {
  readonly policy: TrafficPolicy;
  /** The rule that holds it. */
  readonly rule: DestinationRule;
  /** `spec.trafficPolicy`, `spec.subsets[1].trafficPolicy`. */
  readonly path: Path;
}

/** Where a block of an effective policy was written: a rule, a Sidecar, or the mesh's configuration. */
export interface BlockSource {
  readonly rule: Resource | undefined;
  readonly path: Path;
}

/** A block of a policy with its source. Blocks are inherited or replaced whole, never field by field. */
export interface Block<Value> extends BlockSource {
  readonly value: Value;
}

/** The blocks that settings of one port replace. */
type PortBlocks = 'connectionPool' | 'loadBalancer' | 'outlierDetection' | 'tls';

/** The blocks that exist only for all ports together. */
type SharedBlocks = 'tunnel' | 'proxyProtocol' | 'retryBudget';

/** What applies to one port of one cluster. */
export type EffectivePolicy = {
  readonly [Name in PortBlocks | SharedBlocks]?: Block<NonNullable<TrafficPolicy[Name]>>;
};

const PORT_BLOCKS = ['connectionPool', 'loadBalancer', 'outlierDetection', 'tls'] as const;
const ALL_BLOCKS = [...PORT_BLOCKS, 'tunnel', 'proxyProtocol', 'retryBudget'] as const;

/**
 * A policy's blocks for a service port. Settings of that port stand alone: nothing of the policy
 * above them is inherited.
 *
 * @source istio: pilot/pkg/networking/util/util.go, GetPortLevelTrafficPolicy
 */
export function portPolicy(placed: PlacedPolicy | undefined, port: number): PortPolicy {
  if (placed === undefined) return NO_POLICY;
  const { policy, rule, path } = placed;
  if (policy.portLevelSettings.length === 0) return forAllPorts(placed);
  const index = policy.portLevelSettings.findIndex((entry) => entry.port?.number === port);
  const settings = policy.portLevelSettings[index];
  if (settings === undefined) return forAllPorts(placed);
  const source = { rule, path: [...path, 'portLevelSettings', index] };
  return { blocks: blocksOf(settings, PORT_BLOCKS, source), isPortLevel: true };
}

interface PortPolicy {
  readonly blocks: EffectivePolicy;
  readonly isPortLevel: boolean;
}

const NO_POLICY: PortPolicy = { blocks: {}, isPortLevel: false };

/** Every cluster under a policy asks several times. */
const forAllPorts = memoOf((placed: PlacedPolicy): PortPolicy => {
  const blocks = blocksOf(placed.policy, ALL_BLOCKS, placed);
  return { blocks, isPortLevel: false };
});

function blocksOf(
  policy: Partial<TrafficPolicy>,
  names: readonly (PortBlocks | SharedBlocks)[],
  source: BlockSource,
): EffectivePolicy {
  const blocks: { [name: string]: Block<unknown> } = {};
  for (const name of names) {
    const value = policy[name];
    if (value !== undefined) {
      blocks[name] = { value, rule: source.rule, path: [...source.path, name] };
    }
  }
  return blocks as EffectivePolicy;
}

/**
 * The mesh's connection pool and outlier detection under whatever a rule leaves unset.
 *
 * @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, applyDefaultTrafficPolicy
 */
export function withMeshDefaults(blocks: EffectivePolicy, mesh: MeshConfig): EffectivePolicy {
  const defaults = mesh.defaultTrafficPolicy;
  if (defaults === undefined) return blocks;
  const source = { rule: undefined, path: ['meshConfig', 'defaultTrafficPolicy'] };
  return { ...blocksOf(defaults, ['connectionPool', 'outlierDetection'], source), ...blocks };
}

/**
 * A subset's policy over the service's: block by block, or all four of them where the subset has
 * settings of this port.
 *
 * @source istio: pilot/pkg/networking/util/util.go, MergeSubsetTrafficPolicy
 */
export function mergeSubsetPolicy(
  base: EffectivePolicy,
  subset: PlacedPolicy | undefined,
  port: number,
): EffectivePolicy {
  if (subset === undefined) return base;
  const { blocks, isPortLevel } = portPolicy(subset, port);
  if (!isPortLevel) return { ...base, ...blocks };
  const { connectionPool, loadBalancer, outlierDetection, tls, ...shared } = base;
  return { ...shared, ...blocks };
}
