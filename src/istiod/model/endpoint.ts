import type { Resource } from '#config/resource.ts';
import { equalLabels, type Labels } from './labels.ts';

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

/** Everything of an endpoint that its workload decides, not the port. */
export type WorkloadFacts = Omit<IstioEndpoint, 'port' | 'servicePortName' | 'health'>;

/** The endpoint that a workload is behind one port; field by field, which costs less than a copy. */
export function endpointOf(
  facts: WorkloadFacts,
  port: number,
  servicePortName: string,
  health: EndpointHealth,
): IstioEndpoint {
  return {
    address: facts.address,
    port,
    servicePortName,
    labels: facts.labels,
    locality: facts.locality,
    weight: facts.weight,
    health,
    tlsMode: facts.tlsMode,
    serviceAccount: facts.serviceAccount,
    namespace: facts.namespace,
    workloadName: facts.workloadName,
    nodeName: facts.nodeName,
    network: facts.network,
    clusterId: facts.clusterId,
    hostName: facts.hostName,
    subDomain: facts.subDomain,
    source: facts.source,
  };
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

/**
 * Endpoints with those of before in place of equal ones; the list of before when nothing changed.
 */
export function unchangedEndpoints(
  before: readonly IstioEndpoint[],
  now: readonly IstioEndpoint[],
): readonly IstioEndpoint[] {
  const known = new Map(before.map((endpoint) => [endpointAddress(endpoint), endpoint]));
  const merged = now.map((endpoint) => {
    const old = known.get(endpointAddress(endpoint));
    return old !== undefined && isEqual(old, endpoint) ? old : endpoint;
  });
  const isSame =
    before.length === merged.length &&
    merged.every((endpoint, index) => endpoint === before[index]);
  return isSame ? before : merged;
}

function isEqual(a: IstioEndpoint, b: IstioEndpoint): boolean {
  return (
    a.address === b.address &&
    a.port === b.port &&
    a.servicePortName === b.servicePortName &&
    a.locality === b.locality &&
    a.weight === b.weight &&
    a.health === b.health &&
    a.tlsMode === b.tlsMode &&
    a.serviceAccount === b.serviceAccount &&
    a.namespace === b.namespace &&
    a.workloadName === b.workloadName &&
    a.nodeName === b.nodeName &&
    a.network === b.network &&
    a.clusterId === b.clusterId &&
    a.hostName === b.hostName &&
    a.subDomain === b.subDomain &&
    equalLabels(a.labels, b.labels)
  );
}
