import type { Resource } from '#config/resource.ts';
import type { Created } from './creation-order.ts';
import type { ExportTo } from './export-to.ts';
import type { HostName } from './host-name.ts';
import type { Labels } from './labels.ts';
import { namespacedName } from './names.ts';
import type { Protocol } from './protocol.ts';

/** The address of a service that has none. */
export const UNSPECIFIED_ADDRESS = '0.0.0.0';

/**
 * How a service's name becomes endpoints.
 *
 * - `ClientSideLB`: known endpoints, the proxy balances.
 * - `DNSLB`, `DNSRoundRobinLB`: the proxy resolves names.
 * - `Passthrough`: to the address the application asked for.
 * - `Alias`: an ExternalName Service; it is another name of a concrete service.
 * - `DynamicDNS`: a wildcard host, resolved per request.
 */
export type Resolution =
  | 'ClientSideLB'
  | 'DNSLB'
  | 'DNSRoundRobinLB'
  | 'Passthrough'
  | 'Alias'
  | 'DynamicDNS';

/** A port of a service: its number is the one that VirtualServices and DestinationRules mean. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** Which endpoints are preferred when nothing else tells. */
export type TrafficDistribution = 'Any' | 'PreferSameZone' | 'PreferSameNode';

/** The name and namespace of a service, as aliases refer to it. */
export interface NamespacedHost {
  readonly hostname: HostName;
  readonly namespace: string;
}

/**
 * A service of the mesh, from a Kubernetes Service or from one host and address of a ServiceEntry.
 *
 * @source istio: pilot/pkg/model/service.go
 */
export interface Service extends Created, NamespacedHost {
  /** The Kubernetes name; for a ServiceEntry its host. */
  readonly name: string;
  readonly registry: 'Kubernetes' | 'External';
  readonly resolution: Resolution;
  readonly ports: readonly ServicePort[];
  /** The first address; `0.0.0.0` when there is none. */
  readonly defaultAddress: string;
  /** Every address of the service, `defaultAddress` first. */
  readonly addresses: readonly string[];
  /** For proxies that answer their application's DNS: an address of a ServiceEntry's that has none. */
  readonly allocatedAddress?: string;
  /** As written, `.` not replaced; empty when the mesh's default applies. */
  readonly exportTo: ExportTo;
  readonly labels: Labels;
  /** The labels that its workloads have; undefined when it selects none. */
  readonly selector: Labels | undefined;
  /** Outside the mesh: no automatic mTLS. */
  readonly meshExternal: boolean;
  /** ExternalName Services that lead here. */
  readonly aliases: readonly NamespacedHost[];
  /** What an alias leads to. */
  readonly externalName: HostName | undefined;
  /** SPIFFE identities and subject alternative names beside those of the endpoints. */
  readonly serviceAccounts: readonly string[];
  /** Only endpoints on the client's node (`internalTrafficPolicy: Local`). */
  readonly isNodeLocal: boolean;
  readonly trafficDistribution: TrafficDistribution;
  /** For resolution NONE: service port → the port that is called instead. */
  readonly passthroughTargetPorts: ReadonlyMap<number, number>;
  /** All addresses of a name are raced instead of resolved one by one. */
  readonly racesTcpConnects: boolean;
  /** What it was made from. */
  readonly source: Resource;
}

/** The key under which a service's endpoints are found; trimmed copies of it share it. */
export function serviceKey(service: NamespacedHost): string {
  return namespacedName(service.namespace, service.hostname);
}

/** The port that carries a stream; UDP may share its number. @source istio: pilot/pkg/model/service.go, GetByPort */
export function portByNumber(service: Service, port: number): ServicePort | undefined {
  return service.ports.find((candidate) => candidate.port === port && candidate.protocol !== 'UDP');
}

export function isResolvedByDns(service: Service): boolean {
  return service.resolution === 'DNSLB' || service.resolution === 'DNSRoundRobinLB';
}

const PERSISTENT_SESSION_LABELS = [
  'istio.io/persistent-session',
  'istio.io/persistent-session-header',
];

/** @source istio: pilot/pkg/model/service.go, SupportsDrainingEndpoints */
export function supportsDrainingEndpoints(service: Service): boolean {
  return PERSISTENT_SESSION_LABELS.some((label) => (service.labels.get(label) ?? '') !== '');
}

export function equalPorts(a: readonly ServicePort[], b: readonly ServicePort[]): boolean {
  return (
    a.length === b.length &&
    a.every((port, index) => {
      const other = b[index]!;
      return (
        port.name === other.name && port.port === other.port && port.protocol === other.protocol
      );
    })
  );
}
