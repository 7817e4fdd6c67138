import type { Resource, ResourceOf } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import type { YamlMapping } from '#source/yaml-value.ts';
import type { AttachedConversion } from './attached-conversion.ts';
import {
  convertedGatewayApi,
  type GatewayApiConversion,
  type GatewayApiOptions,
} from './gateway-api.ts';
import { isKnownController, roleOf } from './gateway-class.ts';
import type { GatewayServices } from './gateway-instances.ts';
import { gatewayStatus } from './gateway-status.ts';
import { type ConfigValue, yamlMapping } from './made-config.ts';
import { KUBERNETES_GATEWAY } from './object-kind.ts';
import { routeStatus } from './route-status.ts';
import { type ConditionReport, updatedConditions } from './status-conditions.ts';
import { Surroundings } from './surroundings.ts';

/** An object of the Gateway API with the status that istiod writes into it. */
export interface ObjectStatus {
  readonly resource: Resource;
  readonly status: YamlMapping;
}

/**
 * What istiod writes into the objects of the Gateway API that are its own: whether they are accepted, and
 * what is wrong with them.
 *
 * @source istio: pilot/pkg/config/kube/gateway/controller.go, NewController
 */
export function gatewayApiStatuses(
  store: ResourceStore,
  options: GatewayApiOptions,
  services: GatewayServices,
): readonly ObjectStatus[] {
  const conversion = convertedGatewayApi(store, options);
  const { http, grpc, tcp, tls } = conversion;
  const routes: readonly AttachedConversion<Resource, unknown>[] = [
    ...http,
    ...grpc,
    ...tcp,
    ...tls,
  ];
  return [
    ...store.of('GatewayClass').flatMap(classStatus),
    ...gatewayStatuses(store, options, conversion, services),
    ...store.of('KubernetesGateway').flatMap((gateway) => remoteStatus(gateway, store)),
    ...routes.map((route) => objectStatus(route.route, routeStatus(route))),
  ];
}

type StatusFields = { readonly [field: string]: ConfigValue };

function objectStatus(resource: Resource, status: StatusFields): ObjectStatus {
  return { resource, status: yamlMapping(status, (value) => value === undefined) };
}

/** @source istio: pilot/pkg/config/kube/gatewaycommon/gatewayclass.go, GetClassStatus */
function classStatus(resource: ResourceOf<'GatewayClass'>): ObjectStatus[] {
  if (!isKnownController(resource.spec.controllerName)) return [];
  const message = 'Handled by Istio controller';
  const accepted = new Map([['Accepted', { reason: 'Accepted', message }]]);
  const conditions = updatedConditions(resource.raw.get('status'), accepted);
  return [objectStatus(resource, { conditions })];
}

function gatewayStatuses(
  store: ResourceStore,
  options: GatewayApiOptions,
  { gateways, http, grpc, tcp, tls }: GatewayApiConversion,
  services: GatewayServices,
): readonly ObjectStatus[] {
  const around = new Surroundings(store, options.domain, options);
  const attached = attachedRoutes([...http, ...grpc, ...tcp, ...tls]);
  return gateways.map((converted) => {
    const { namespace, name } = converted.gateway.metadata;
    const counts = attached.get(`${namespace}/${name}`) ?? new Map<string, number>();
    return objectStatus(converted.gateway, gatewayStatus(converted, counts, around, services));
  });
}

/**
 * How many routes each listener has taken, by `namespace/name` of the gateway. A route that names one
 * twice counts once.
 */
function attachedRoutes(
  routes: readonly AttachedConversion<Resource, unknown>[],
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const byGateway = new Map<string, Map<string, number>>();
  for (const { attached } of routes) {
    const listeners = new Map(
      attached
        .filter(({ key }) => key.kind === KUBERNETES_GATEWAY)
        .map((parent) => [parent.internalName, parent]),
    );
    for (const { key, sectionName } of listeners.values()) {
      const gateway = `${key.namespace}/${key.name}`;
      const counts = byGateway.get(gateway) ?? new Map<string, number>();
      byGateway.set(gateway, counts.set(sectionName, (counts.get(sectionName) ?? 0) + 1));
    }
  }
  return byGateway;
}

/**
 * Of a gateway in another network, which istiod only reads.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, reportUnmanagedGatewayStatus
 */
function remoteStatus(
  gateway: ResourceOf<'KubernetesGateway'>,
  store: ResourceStore,
): ObjectStatus[] {
  if (roleOf(gateway, store) !== 'remote') return [];
  const message = 'This Gateway is remote; Istio will not program it';
  const reports = new Map<string, ConditionReport>([
    ['Accepted', { reason: 'Accepted', message: 'Resource accepted' }],
    ['Programmed', { reason: 'Programmed', message }],
  ]);
  const conditions = updatedConditions(gateway.raw.get('status'), reports);
  const addresses = gateway.spec.addresses.map(({ type, value }) => ({ type, value }));
  return [objectStatus(gateway, { addresses, conditions })];
}
