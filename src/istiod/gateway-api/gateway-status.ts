import type { KubernetesGateway } from '#config/resource.ts';
import { isIpAddress } from '../model/names.ts';
import { addressError } from './gateway-class.ts';
import {
  type GatewayInstances,
  type GatewayServices,
  gatewayInstances,
} from './gateway-instances.ts';
import { listenerStatuses } from './listener-status.ts';
import { clientCertificateError } from './listener-tls.ts';
import type { ConvertedGateway } from './listeners.ts';
import type { ConfigValue } from './made-config.ts';
import { type ConditionReport, updatedConditions } from './status-conditions.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * The status that istiod writes into a gateway that it programs.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, reportGatewayStatus
 */
export function gatewayStatus(
  converted: ConvertedGateway,
  attachedRoutes: ReadonlyMap<string, number>,
  around: Surroundings,
  services: GatewayServices,
): { readonly [field: string]: ConfigValue } {
  const { gateway, listeners } = converted;
  const existing = gateway.raw.get('status');
  const isServed = listeners.length > 0;
  const ports = listeners.flatMap(({ converted: one }) =>
    one === undefined ? [] : one.parent.port,
  );
  const { namespace } = gateway.metadata;
  const instances = gatewayInstances({ namespace, hosts: converted.services }, ports, services);
  const conditions = new Map<string, ConditionReport>([
    ['Accepted', accepted(converted, around)],
    ['Programmed', programmed(converted, instances)],
    [
      'ResolvedRefs',
      {
        reason: 'ResolvedRefs',
        message: 'All references resolved',
        error: clientCertificateError(gateway, around),
      },
    ],
  ]);
  if (allowsInsecureCallers(gateway)) conditions.set(INSECURE, INSECURE_CALLERS);
  return {
    addresses: addresses(gateway, instances),
    conditions: updatedConditions(existing, conditions),
    listeners: isServed ? listenerStatuses(listeners, attachedRoutes, existing) : undefined,
  };
}

function accepted({ gateway, listeners }: ConvertedGateway, around: Surroundings): ConditionReport {
  const fine = { reason: 'Accepted', message: 'Resource accepted' };
  const error = addressError(gateway) ?? parametersError(gateway, around);
  if (error !== undefined) return { ...fine, error };
  const valid = listeners.filter(
    ({ conflict, tlsError, protocolError }) =>
      conflict === undefined && tlsError === undefined && protocolError === undefined,
  );
  if (valid.length === gateway.spec.listeners.length) return fine;
  const reason = 'ListenersNotValid';
  const message = "None of the Gateway's listeners are valid";
  return valid.length === 0
    ? { ...fine, error: { reason, message } }
    : { reason, message: "One or more of the Gateway's listeners are invalid" };
}

/** @source istio: pilot/pkg/config/kube/gateway/gateway_collection.go, validateParametersRef */
function parametersError({ metadata, spec }: KubernetesGateway, around: Surroundings) {
  const parameters = spec.infrastructure?.parametersRef;
  if (parameters === undefined) return undefined;
  const { group, kind, name } = parameters;
  const reason = 'InvalidParameters';
  if (kind !== 'ConfigMap' || group !== '')
    return {
      reason,
      message: `Unsupported parametersRef group/kind ${group}/${kind}, only ConfigMap is supported`,
    };
  if (around.hasConfigMap(metadata.namespace, name)) return undefined;
  const message = `parametersRef ConfigMap ${metadata.namespace}/${name} does not exist`;
  return { reason, message };
}

/** @source istio: pilot/pkg/config/kube/gatewaycommon/conversion.go, SetProgrammedCondition */
function programmed(
  { services }: ConvertedGateway,
  { internal, warnings, areAllUsable }: GatewayInstances,
): ConditionReport {
  const assigned = joinedForReaders(internal);
  const message =
    internal.length === 0
      ? 'Resource programmed'
      : `Resource programmed, assigned to service(s) ${assigned}`;
  const fine = { reason: 'Programmed', message };
  const failed = 'ailed to assign to any requested addresses';
  if (services.length === 0)
    return { ...fine, error: { reason: 'UnsupportedAddress', message: `F${failed}` } };
  if (warnings.length === 0) return fine;
  const why = warnings.join('; ');
  const reason = areAllUsable ? 'AddressNotAssigned' : 'AddressNotUsable';
  const told =
    internal.length === 0
      ? `F${failed}: ${why}`
      : `Assigned to service(s) ${assigned}, but failed to assign to all requested addresses: ${why}`;
  return { ...fine, error: { reason, message: told } };
}

/** @source istio: the same file, HumanReadableJoin */
function joinedForReaders(texts: readonly string[]): string {
  const [first = '', second] = texts;
  if (texts.length < 3) return second === undefined ? first : `${first} and ${second}`;
  return `${texts.slice(0, -1).join(', ')}, and ${texts.at(-1)}`;
}

const INSECURE = 'InsecureFrontendValidationMode';
const INSECURE_CALLERS: ConditionReport = {
  reason: 'ConfigurationChanged',
  message: 'Gateway is operating in AllowInsecureFallback mode for frontend validation',
};

function allowsInsecureCallers({ spec }: KubernetesGateway): boolean {
  const frontend = spec.tls?.frontend;
  if (frontend === undefined) return false;
  const all = [frontend.default, ...frontend.perPort.map(({ tls }) => tls)];
  return all.some((tls) => tls?.validation?.mode === 'AllowInsecureFallback');
}

const ADDRESS_TYPE = 'networking.istio.io/address-type';

/** Those of the outside; without any, the hosts of the Services (or their IPs, if that is asked for). */
function addresses(
  { metadata }: KubernetesGateway,
  { internal, internalIps, external, pending }: GatewayInstances,
): ConfigValue {
  const wanted = metadata.annotations.get(ADDRESS_TYPE) ?? 'Hostname';
  const found: string[] = external.length > 0 ? [...external] : [];
  if (external.length === 0) {
    if (wanted !== 'Hostname') found.push(...internalIps);
    const hosts = internal.map((entry) => entry.slice(0, entry.lastIndexOf(':')));
    if (wanted !== 'IPAddress')
      found.push(...new Set(hosts.filter((host) => !pending.includes(host))));
  }
  if (found.length === 0) return undefined;
  return found.map((value) => ({ type: isIpAddress(value) ? 'IPAddress' : 'Hostname', value }));
}
