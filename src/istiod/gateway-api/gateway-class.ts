import type { KubernetesGateway } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { serviceHostName } from '../model/names.ts';
import type { ConfigError } from './config-error.ts';

export const GATEWAY_CONTROLLER = 'istio.io/gateway-controller';
const WAYPOINT_CONTROLLER = 'istio.io/mesh-controller';
const REMOTE_CONTROLLER = 'istio.io/unmanaged-gateway';

/** What istiod does for the gateways of a class. */
export type GatewayRole = 'gateway' | 'waypoint' | 'remote';

const ROLES: ReadonlyMap<string, GatewayRole> = new Map([
  [GATEWAY_CONTROLLER, 'gateway'],
  [WAYPOINT_CONTROLLER, 'waypoint'],
  [REMOTE_CONTROLLER, 'remote'],
]);

export function isKnownController(controller: string): boolean {
  return ROLES.has(controller);
}

/** Classes that need not be in the cluster. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['istio', GATEWAY_CONTROLLER],
  ['istio-waypoint', WAYPOINT_CONTROLLER],
  ['istio-remote', REMOTE_CONTROLLER],
]);

/**
 * The role of a gateway; `undefined` when it is another controller's.
 *
 * @source istio: pilot/pkg/config/kube/gatewaycommon/gatewayclass_collection.go, FetchGatewayClass
 */
export function roleOf(gateway: KubernetesGateway, store: ResourceStore): GatewayRole | undefined {
  const { gatewayClassName } = gateway.spec;
  const controller =
    store.find('GatewayClass', '', gatewayClassName)?.spec.controllerName ??
    BUILT_IN.get(gatewayClassName);
  return ROLES.get(controller ?? '');
}

/**
 * Whether istiod makes the gateway's Deployment and Service itself.
 *
 * @source istio: pilot/pkg/config/kube/gatewaycommon/gateway_utils.go, IsManaged
 */
export function isManaged({ spec }: KubernetesGateway): boolean {
  const [first, ...others] = spec.addresses;
  if (first === undefined) return true;
  return others.length === 0 && (first.type ?? 'IPAddress') === 'IPAddress';
}

/** The name of the Deployment and Service of a managed gateway: `NAME-CLASS`. */
export function deployedName({ metadata, spec }: KubernetesGateway): string {
  const override = metadata.annotations.get('gateway.istio.io/name-override');
  return override || `${metadata.name}-${spec.gatewayClassName}`;
}

/** The account that a managed gateway's pods run as; empty where nobody knows. */
export function serviceAccountOf(gateway: KubernetesGateway): string {
  if (!isManaged(gateway)) return '';
  const account = gateway.metadata.annotations.get('gateway.istio.io/service-account');
  return account || `${gateway.metadata.name}-${gateway.spec.gatewayClassName}`;
}

/**
 * The hosts of the Services whose pods serve a gateway; empty when its addresses name none.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, extractGatewayServices
 */
export function gatewayServices(gateway: KubernetesGateway, domain: string): readonly string[] {
  const { namespace } = gateway.metadata;
  if (isManaged(gateway)) return [serviceHostName(deployedName(gateway), namespace, domain)];
  return gateway.spec.addresses
    .filter(({ type }) => (type ?? 'Hostname') === 'Hostname')
    .map(({ value }) => (value.includes('.') ? value : serviceHostName(value, namespace, domain)));
}

/** Whether an address is of a kind that istiod can not serve. */
export function hasSkippedAddresses(gateway: KubernetesGateway): boolean {
  return skippedAddresses(gateway).length > 0;
}

function skippedAddresses({ spec }: KubernetesGateway): readonly string[] {
  return spec.addresses
    .filter(({ type }) => (type ?? 'Hostname') !== 'Hostname')
    .map(({ value }) => value);
}

const SERVICE_TYPE = 'networking.istio.io/service-type';

/** What is wrong with how a gateway asks for its addresses. @source istio: the same function */
export function addressError(gateway: KubernetesGateway): ConfigError | undefined {
  if (isManaged(gateway)) return undefined;
  const skipped = skippedAddresses(gateway);
  if (skipped.length > 0) {
    const message = `only Hostname is supported, ignoring [${skipped.join(' ')}]`;
    return { reason: 'UnsupportedAddress', message };
  }
  if (!gateway.metadata.annotations.has(SERVICE_TYPE)) return undefined;
  const message = `annotation ${SERVICE_TYPE} is deprecated, use Spec.Infrastructure.Routeability`;
  return { reason: 'DeprecatedField', message };
}
