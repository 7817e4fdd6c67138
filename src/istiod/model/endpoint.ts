import type { Resource } from '#config/resource.ts';
import type { Labels } from './labels.ts';

/**
 * What an endpoint's owner says of it. ServiceEntry and WorkloadEntry endpoints say nothing
 * (`UNKNOWN`), which Envoy takes for healthy.
 */
export type EndpointHealth = 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY' | 'DRAINING' | 'TERMINATING';

/**
 * One address and port behind one port of a service.
 *
 * @source istio: pilot/pkg/model/service.go, IstioEndpoint
 */
export interface IstioEndpoint {
  /** An IP, a host name (DNS services only) or a Unix socket's path (then the port is 0). */
  readonly address: string;
  readonly port: number;
  /** The service port it belongs to, by name. */
  readonly servicePortName: string;
  /** With the topology's labels added. */
  readonly labels: Labels;
  /** `region/zone/subzone`. */
  readonly locality: string;
  /** At least 1. */
  readonly weight: number;
  readonly health: EndpointHealth;
  /** `istio` when the other side speaks mTLS, else `disabled`. */
  readonly tlsMode: string;
  readonly serviceAccount: string;
  readonly namespace: string;
  readonly workloadName: string;
  readonly nodeName: string;
  readonly network: string;
  readonly clusterId: string;
  /** The pod's own host name and subdomain, for headless services. */
  readonly hostName: string;
  readonly subDomain: string;
  /** What it was made from. */
  readonly source: Resource;
}

export const MUTUAL_TLS = 'istio';
export const NO_TLS = 'disabled';
export const TLS_MODE_LABEL = 'security.istio.io/tlsMode';
export const DRAINING_LABEL = 'istio.io/draining';

/** `10.0.0.1:8080`, `[::1]:80`, or the path of a Unix socket. */
export function endpointAddress(endpoint: Pick<IstioEndpoint, 'address' | 'port'>): string {
  if (endpoint.port === 0 && endpoint.address.startsWith('/')) return endpoint.address;
  const host = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
  return `${host}:${endpoint.port}`;
}
