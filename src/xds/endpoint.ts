import type { Address, Locality, Metadata } from './core.ts';

/**
 * Endpoint configuration.
 *
 * @source envoy: api/envoy/config/endpoint/v3/endpoint.proto, endpoint_components.proto
 */
export interface ClusterLoadAssignment {
  readonly clusterName: string;
  readonly endpoints?: readonly LocalityLbEndpoints[];
  readonly policy?: ClusterLoadAssignmentPolicy;
}

export interface ClusterLoadAssignmentPolicy {
  /** In percent; 140 when absent. */
  readonly overprovisioningFactor?: number;
  readonly weightedPriorityHealth?: boolean;
}

export interface LocalityLbEndpoints {
  readonly locality?: Locality;
  readonly lbEndpoints?: readonly LbEndpoint[];
  readonly loadBalancingWeight?: number;
  readonly priority?: number;
}

export type HealthStatus =
  | 'UNKNOWN'
  | 'HEALTHY'
  | 'UNHEALTHY'
  | 'DRAINING'
  | 'TIMEOUT'
  | 'DEGRADED';

/** How one endpoint is checked actively, where it differs from the cluster's others. */
export interface EndpointHealthCheckConfig {
  readonly portValue?: number;
  readonly hostname?: string;
  readonly disableActiveHealthCheck?: boolean;
}

export interface LbEndpoint {
  readonly endpoint?: {
    readonly address: Address;
    readonly hostname?: string;
    readonly healthCheckConfig?: EndpointHealthCheckConfig;
  };
  readonly healthStatus?: HealthStatus;
  readonly metadata?: Metadata;
  readonly loadBalancingWeight?: number;
}
