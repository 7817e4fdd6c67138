import type { HealthStatus } from '#xds/endpoint.ts';
import type { Host } from '../upstream/host.ts';
import { healthStatus } from '../upstream/host-health.ts';

/** A host that the request itself asks for, as a stateful session filter reads it from a cookie. */
export interface OverrideHost {
  readonly address: string;
  /** No other host will do. */
  readonly isStrict: boolean;
}

/** The states a host may be in to be asked for by name, unless `override_host_status` says others. */
export const DEFAULT_OVERRIDE_HOST_STATUSES: ReadonlySet<HealthStatus> = new Set([
  'UNKNOWN',
  'HEALTHY',
  'DEGRADED',
] as const);

/**
 * The host that the request asks for, if it exists and its health allows it.
 *
 * @source envoy: source/common/upstream/host_utility.cc, selectOverrideHost
 */
export function selectOverrideHost(
  hosts: ReadonlyMap<string, Host>,
  allowed: ReadonlySet<HealthStatus>,
  { address }: OverrideHost,
): Host | undefined {
  const host = hosts.get(address);
  if (host === undefined) return undefined;
  const status = healthStatus(host.healthFlags, host.description.healthStatus);
  return allowed.has(status) ? host : undefined;
}
