import type { BackendObjectReference, BackendRef } from '#config/gateway-api/references.ts';
import { serviceHostName } from '../model/names.ts';
import { type ConfigError, isInvalidBackend, type RuleFindings } from './config-error.ts';
import type { ConfigValue } from './made-config.ts';
import {
  HOSTNAME,
  kindName,
  type ObjectKind,
  referencedKind,
  SERVICE,
  SERVICE_IMPORT,
} from './object-kind.ts';
import type { Surroundings } from './surroundings.ts';

/** Of what kind the referring route is, where, and whether other namespaces must grant. */
export interface RouteIdentity {
  readonly kind: ObjectKind;
  readonly namespace: string;
  /** Routes of the mesh refer freely. */
  readonly needsGrants: boolean;
}

/** A destination of Istio's, as far as there is one. */
export interface BackendDestination {
  readonly destination: ConfigValue;
  readonly error: ConfigError | undefined;
}

/**
 * The destination that a backend is. One that is not usable is kept: requests for it fail.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, buildDestination
 */
export function backendDestination(
  to: BackendObjectReference,
  route: RouteIdentity,
  around: Surroundings,
): BackendDestination {
  const kind = referencedKind(to, SERVICE);
  const namespace = to.namespace ?? route.namespace;
  if (!isGranted(to, kind, route, around)) {
    const message = `backendRef ${to.name}/${namespace} not accessible to a ${kindName(route.kind)} in namespace "${route.namespace}" (missing a ReferenceGrant?)`;
    return { destination: {}, error: { reason: 'RefNotPermitted', message } };
  }
  const refused = refusal(to, kind);
  if (refused !== undefined) return { destination: undefined, error: refused };
  const host = hostOf(to, kind, namespace, around);
  if (host === undefined) {
    const message = `referencing unsupported backendRef: group "${to.group ?? ''}" kind "${to.kind ?? ''}"`;
    return { destination: {}, error: { reason: 'InvalidKind', message } };
  }
  if (to.port === undefined) {
    const message = 'port is required in backendRef';
    return { destination: undefined, error: { reason: 'InvalidDestination', message } };
  }
  const isThere =
    kind === HOSTNAME ? around.isServed(host, namespace) : around.hasService(namespace, to.name);
  const missing: ConfigError = {
    reason: 'BackendNotFound',
    message: `backend(${host}) not found`,
  };
  return {
    destination: { host, port: { number: to.port } },
    error: isThere ? undefined : missing,
  };
}

function isGranted(
  to: BackendObjectReference,
  kind: ObjectKind,
  route: RouteIdentity,
  around: Surroundings,
): boolean {
  if (!route.needsGrants || to.namespace === undefined || to.namespace === route.namespace)
    return true;
  return around.grants.allows(route, { kind, namespace: to.namespace }, to.name);
}

function refusal(to: BackendObjectReference, kind: ObjectKind): ConfigError | undefined {
  if (kind === SERVICE && to.name.includes('.'))
    return {
      reason: 'InvalidDestination',
      message: 'service name invalid; the name of the Service must be used, not the hostname.',
    };
  if (kind === HOSTNAME && to.namespace !== undefined)
    return {
      reason: 'InvalidDestination',
      message: 'namespace may not be set with Hostname type',
    };
  return undefined;
}

function hostOf(
  { name }: BackendObjectReference,
  kind: ObjectKind,
  namespace: string,
  around: Surroundings,
): string | undefined {
  if (kind === HOSTNAME) return name;
  const isService = kind === SERVICE || kind === SERVICE_IMPORT;
  return isService ? serviceHostName(name, namespace, around.domain) : undefined;
}

/** One entry of a derived route's destinations, and which backend it came from. */
export interface WeightedBackend<Ref extends BackendRef> {
  readonly backend: Ref;
  readonly index: number;
  readonly destination: ConfigValue;
  /** A lone backend has none. */
  readonly weight: number | undefined;
}

/**
 * The backends that have a weight, as destinations; what is wrong with them is noted.
 *
 * @source istio: the same file, buildHTTPDestination, buildTCPDestination
 */
export function weightedBackends<Ref extends BackendRef>(
  refs: readonly Ref[],
  route: RouteIdentity,
  around: Surroundings,
  findings: RuleFindings,
): readonly WeightedBackend<Ref>[] {
  const used = refs
    .map((backend, index) => ({ backend, index, weight: backend.weight ?? 1 }))
    .filter(({ weight }) => weight !== 0);
  return used.map(({ backend, index, weight }) => {
    const { destination, error } = backendDestination(backend, route, around);
    if (error !== undefined) {
      if (isInvalidBackend(error)) findings.invalidBackend = error;
      else findings.refuse(error);
    }
    return { backend, index, destination, weight: used.length === 1 ? undefined : weight };
  });
}

export function weightSum(refs: readonly BackendRef[]): number {
  return refs.reduce((sum, { weight }) => sum + (weight ?? 1), 0);
}
