import type { Resource } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { GATEWAY_API_ROUTE_KINDS } from '#istiod/gateway-api/gateway-api.ts';
import type { GatewayService, GatewayServices } from '#istiod/gateway-api/gateway-instances.ts';
import { gatewayApiStatuses, type ObjectStatus } from '#istiod/gateway-api/statuses.ts';
import { append } from '#istiod/model/append.ts';
import type { MeshModel } from '#istiod/model/mesh-model.ts';
import { type Service, UNSPECIFIED_ADDRESS } from '#istiod/model/service.ts';
import type { InspectedMesh } from './proxy-inspection.ts';

/** What istiod would write into the objects of the Gateway API of a mesh. */
export function gatewayApiStatusesOf({ view, model }: InspectedMesh): readonly ObjectStatus[] {
  if (GATEWAY_API_ROUTE_KINDS.every((kind) => view.store.of(kind).length === 0)) return [];
  const { domain } = model;
  return gatewayApiStatuses(view.store, { domain }, gatewayServicesOf(model, view.store));
}

/** The objects with the statuses that istiod would write; those that have one keep it. */
export function withStatuses(
  resources: readonly Resource[],
  statuses: readonly ObjectStatus[],
): readonly Resource[] {
  const byName = new Map(statuses.map(({ resource, status }) => [identityOf(resource), status]));
  return resources.map((resource) => {
    const status = byName.get(identityOf(resource));
    if (status === undefined || resource.raw.has('status')) return resource;
    return { ...resource, raw: new Map([...resource.raw, ['status', status]]) };
  });
}

function identityOf({ apiVersion, kind, metadata }: Resource): string {
  return `${apiVersion}/${kind}/${metadata.namespace}/${metadata.name}`;
}

function gatewayServicesOf(model: MeshModel, store: ResourceStore): GatewayServices {
  return {
    namespacesOf: (hostname) => [...(model.registry.named(hostname)?.keys() ?? [])].sort(),
    service: (hostname, namespace) => {
      const service = model.registry.named(hostname)?.get(namespace);
      return service === undefined ? undefined : gatewayService(service, model, store);
    },
  };
}

const MANAGED_LABEL = 'gateway.istio.io/managed';

/** Manifests rarely tell the address of a load balancer: only one with a status waits for it. */
function gatewayService(service: Service, model: MeshModel, store: ResourceStore): GatewayService {
  const written = store.find('Service', service.namespace, service.name);
  const endpointPorts = new Map<number, number[]>();
  for (const { name, port } of service.ports)
    for (const endpoint of model.endpoints(service, name))
      append(endpointPorts, port, endpoint.port);
  const ingress = written?.status?.loadBalancer?.ingress ?? [];
  return {
    externalAddresses: [
      ...ingress.map(({ ip, hostname }) => ip || hostname).filter((address) => address !== ''),
      ...(written?.spec.externalIPs ?? []),
    ],
    clusterAddresses: service.addresses.filter((address) => address !== UNSPECIFIED_ADDRESS),
    isLoadBalancer: written?.spec.type === 'LoadBalancer' && written.raw.has('status'),
    isManaged: service.labels.has(MANAGED_LABEL),
    ports: service.ports.map(({ port }) => port),
    endpointPorts,
  };
}
