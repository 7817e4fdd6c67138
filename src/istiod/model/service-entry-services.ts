import type { ServiceEntry } from '#config/resource.ts';
import type { HostName } from './host-name.ts';
import type { ServiceSurroundings } from './kubernetes-service.ts';
import { isIpAddress } from './names.ts';
import { parseProtocol } from './protocol.ts';
import { type Resolution, type Service, UNSPECIFIED_ADDRESS } from './service.ts';
import { trafficDistribution } from './traffic-distribution.ts';

const RESOLUTIONS: Readonly<Record<ServiceEntry['spec']['resolution'], Resolution>> = {
  NONE: 'Passthrough',
  STATIC: 'ClientSideLB',
  DNS: 'DNSLB',
  DNS_ROUND_ROBIN: 'DNSRoundRobinLB',
  DYNAMIC_DNS: 'DynamicDNS',
};

const CONNECT_STRATEGY = 'istio.io/connect-strategy';

/**
 * The services that a ServiceEntry stands for: one for each of its hosts and addresses.
 *
 * @source istio: pilot/pkg/serviceregistry/serviceentry/conversion.go, convertServices
 */
export function servicesOfEntry(
  resource: ServiceEntry,
  around: ServiceSurroundings,
): readonly Service[] {
  const addresses = resource.spec.addresses.flatMap(usableAddress);
  const isAddressed = resource.spec.addresses.length > 0;
  return resource.spec.hosts.flatMap((host) =>
    (isAddressed ? addresses : [UNSPECIFIED_ADDRESS]).map((address) =>
      serviceOf(resource, around, host, address),
    ),
  );
}

function serviceOf(
  resource: ServiceEntry,
  around: ServiceSurroundings,
  host: HostName,
  address: string,
): Service {
  const { metadata, spec } = resource;
  const resolution = RESOLUTIONS[spec.resolution];
  return {
    createdAtS: around.created.createdAtS,
    hostname: host,
    name: host,
    namespace: metadata.namespace,
    registry: 'External',
    resolution,
    ports: spec.ports.map(({ name, number, protocol }) => ({
      name,
      port: number,
      protocol: parseProtocol(protocol),
    })),
    defaultAddress: address,
    addresses: [address],
    exportTo: new Set(spec.exportTo),
    labels: metadata.labels,
    selector: spec.workloadSelector?.labels.size ? spec.workloadSelector.labels : undefined,
    meshExternal: spec.location === 'MESH_EXTERNAL',
    aliases: [],
    externalName: undefined,
    serviceAccounts: spec.subjectAltNames,
    isNodeLocal: false,
    trafficDistribution: trafficDistribution(
      undefined,
      metadata.annotations,
      around.namespaceAnnotations,
    ),
    passthroughTargetPorts: around.behaviours.targetsPortsOfResolutionNone
      ? targetPorts(resource, resolution)
      : new Map(),
    racesTcpConnects:
      metadata.annotations.get(CONNECT_STRATEGY)?.toUpperCase() === 'RACE_FIRST_TCP_CONNECT',
    source: resource,
  };
}

/** Ports that are called instead of the asked ones, where the application chooses the address. */
function targetPorts(resource: ServiceEntry, resolution: Resolution): ReadonlyMap<number, number> {
  if (resolution !== 'Passthrough') return new Map();
  const ports = resource.spec.ports.filter(({ targetPort }) => targetPort !== 0);
  return new Map(ports.map(({ number, targetPort }) => [number, targetPort]));
}

/** An IP, or a CIDR; one that covers a single address is that address. */
function usableAddress(text: string): string[] {
  if (isIpAddress(text)) return [text];
  const [address = '', bits] = text.split('/');
  if (bits === undefined || !isIpAddress(address) || !/^\d+$/.test(bits)) return [];
  const isSingle = Number(bits) === (address.includes(':') ? 128 : 32);
  return [isSingle ? address : text];
}
