import type { ConsistentHash, TrafficPolicy } from '#config/istio/destination-rule.ts';
import type { Destination } from '#config/istio/shared-shapes.ts';
import { type ConsolidatedDestinationRule, subsetOf } from '../model/destination-rule-merge.ts';

/**
 * The hash of a destination: of its subset's port, its subset, its port, its host — the first that has
 * one. Port settings are looked at only where the destination names a port.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, HashForHTTPDestination
 */
export function hashOfDestination(
  rule: ConsolidatedDestinationRule | undefined,
  destination: Destination,
): ConsistentHash | undefined {
  const port = destination.port?.number;
  const policy = rule?.policy?.policy;
  const subset = subsetOf(rule, destination.subset)?.policy?.policy;
  return hashOfPort(subset, port) ?? hashOf(subset) ?? hashOfPort(policy, port) ?? hashOf(policy);
}

/**
 * The hash of a service's port where no VirtualService routes to it.
 *
 * @source istio: the same file, hashForService
 */
export function hashOfService(
  rule: ConsolidatedDestinationRule | undefined,
  port: number,
): ConsistentHash | undefined {
  const policy = rule?.policy?.policy;
  return hashOfPort(policy, port) ?? hashOf(policy);
}

function hashOf(policy: TrafficPolicy | undefined): ConsistentHash | undefined {
  return policy?.loadBalancer?.consistentHash;
}

function hashOfPort(
  policy: TrafficPolicy | undefined,
  port: number | undefined,
): ConsistentHash | undefined {
  if (port === undefined) return undefined;
  const settings = policy?.portLevelSettings.find((entry) => entry.port?.number === port);
  return settings?.loadBalancer?.consistentHash;
}
