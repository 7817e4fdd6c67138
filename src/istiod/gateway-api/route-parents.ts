import type { ParentReference } from '#config/gateway-api/references.ts';
import { compareText } from '#source/compare-text.ts';
import { hostsOverlap, isSubsetOf, isWildcard } from '../model/host-name.ts';
import {
  HTTP_ROUTE,
  KUBERNETES_GATEWAY,
  kindName,
  LISTENER_SET,
  type ObjectKind,
  referencedKind,
  SERVICE,
  SERVICE_ENTRY,
} from './object-kind.ts';

/** What a reference names. */
export interface ParentKey {
  readonly kind: ObjectKind;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Something that routes attach to: a listener, or the mesh.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, parentInfo
 */
export interface ParentInfo {
  readonly key: ParentKey;
  /** `mesh`, or `namespace/name` of the Gateway that the listener has become. */
  readonly internalName: string;
  readonly allowedKinds: readonly ObjectKind[];
  /** `namespace/hostname`. */
  readonly hostnames: readonly string[];
  /** As it is written; empty for all. */
  readonly originalHostname: string;
  readonly sectionName: string;
  readonly port: number;
  readonly protocol: string;
}

/** Why a route is not attached to a parent. */
export interface ParentError {
  readonly reason: 'NotAllowedByListeners' | 'NoMatchingListenerHostname' | 'NoMatchingParent';
  readonly message: string;
}

/** A route's reference, resolved to one of the parents that it may mean. */
export interface RouteParent {
  readonly internalName: string;
  readonly reference: ParentReference;
  readonly key: ParentKey;
  readonly sectionName: string;
  readonly hostname: string;
  readonly denied: ParentError | undefined;
  /** Hostnames of other listeners of the port: what they serve better is theirs. */
  readonly bannedHostnames: ReadonlySet<string>;
}

/** A route of any kind, as far as its parents matter. */
export interface AttachedRoute {
  readonly kind: ObjectKind;
  readonly namespace: string;
  readonly parentRefs: readonly ParentReference[];
  readonly hostnames: readonly string[];
}

const MESH = 'mesh';
const PARENT_KINDS = new Set([KUBERNETES_GATEWAY, SERVICE, SERVICE_ENTRY, LISTENER_SET]);

export function isMesh({ internalName }: { readonly internalName: string }): boolean {
  return internalName === MESH;
}

/**
 * What the references of a route lead to, in the order of the references' texts. Denied ones are among
 * them.
 *
 * @source istio: the same file, extractParentReferenceInfo
 */
export function routeParents(
  route: AttachedRoute,
  look: {
    readonly listeners: (key: ParentKey) => readonly ParentInfo[];
    readonly exists: (key: ParentKey) => boolean;
  },
): readonly RouteParent[] {
  const parents = route.parentRefs.flatMap((reference) => {
    const kind = referencedKind(reference, KUBERNETES_GATEWAY);
    if (!PARENT_KINDS.has(kind)) return [];
    const key = { kind, namespace: reference.namespace ?? route.namespace, name: reference.name };
    if (kind === SERVICE || kind === SERVICE_ENTRY)
      return [meshParent(key, reference, look.exists(key))];
    const candidates = look.listeners(key);
    return candidates.map((parent) => listenerParent(parent, candidates, reference, route));
  });
  const text = new Map(
    parents.map((parent) => [parent, referenceText(parent.reference, route.namespace)]),
  );
  return [...parents].sort((a, b) => compareText(text.get(a)!, text.get(b)!));
}

/** Those that are not denied, by name. @source istio: the same file, filteredReferences */
export function attachedParents(parents: readonly RouteParent[]): readonly RouteParent[] {
  return parents
    .filter(({ denied }) => denied === undefined)
    .sort((a, b) => compareText(a.internalName, b.internalName));
}

function meshParent(key: ParentKey, reference: ParentReference, exists: boolean): RouteParent {
  const what = key.kind === SERVICE ? 'service' : 'service entry';
  const denied: ParentError = {
    reason: 'NoMatchingParent',
    message: `parent ${what}: "${key.name}" not found`,
  };
  return {
    internalName: MESH,
    reference,
    key,
    sectionName: '',
    hostname: '',
    denied: exists ? undefined : denied,
    bannedHostnames: new Set(),
  };
}

function listenerParent(
  parent: ParentInfo,
  candidates: readonly ParentInfo[],
  reference: ParentReference,
  route: AttachedRoute,
): RouteParent {
  const rivals = candidates.filter(
    (other) => other !== parent && other.port === parent.port && other.protocol === parent.protocol,
  );
  const banned = new Set(rivals.map(({ originalHostname }) => originalHostname));
  banned.delete(parent.originalHostname);
  return {
    internalName: parent.internalName,
    reference,
    key: parent.key,
    sectionName: parent.sectionName,
    hostname: parent.originalHostname,
    denied: denial(parent, reference, route),
    bannedHostnames: banned,
  };
}

/** @source istio: the same file, referenceAllowed */
function denial(
  parent: ParentInfo,
  { port, sectionName }: ParentReference,
  route: AttachedRoute,
): ParentError | undefined {
  if ((port ?? 0) !== 0 && port !== parent.port)
    return { reason: 'NoMatchingParent', message: `port ${port} not found` };
  if ((sectionName ?? '') !== '' && sectionName !== parent.sectionName)
    return { reason: 'NoMatchingParent', message: `sectionName "${sectionName}" not found` };
  const hosts = hostnameDenial(parent, route);
  if (hosts !== undefined) return hosts;
  if (parent.allowedKinds.includes(route.kind)) return undefined;
  const group = HTTP_ROUTE.slice(0, HTTP_ROUTE.indexOf('/'));
  const message = `kind ${group}/v1/${kindName(route.kind)} is not allowed`;
  return { reason: 'NotAllowedByListeners', message };
}

function hostnameDenial(parent: ParentInfo, route: AttachedRoute): ParentError | undefined {
  if (parent.hostnames.length === 0) return undefined;
  const hostnames = route.hostnames.length === 0 ? ['*'] : route.hostnames;
  let isHostShared = false;
  for (const routeHost of hostnames) {
    for (const entry of parent.hostnames) {
      const slash = entry.indexOf('/');
      const namespace = slash < 0 ? '*' : entry.slice(0, slash);
      const isShared = hostsOverlap(entry.slice(slash + 1), routeHost);
      if (isShared && (namespace === '*' || namespace === route.namespace)) return undefined;
      isHostShared ||= isShared;
    }
  }
  const hostname = `"${parent.originalHostname}"`;
  return isHostShared
    ? {
        reason: 'NotAllowedByListeners',
        message: `hostnames matched parent hostname ${hostname}, but namespace "${route.namespace}" is not allowed by the parent`,
      }
    : {
        reason: 'NoMatchingListenerHostname',
        message: `no hostnames matched parent hostname ${hostname}`,
      };
}

/**
 * Whether a route's host belongs to this listener, not to a more exact one of the same port.
 *
 * @source istio: the same file, hostnameAllowedByIsolation
 */
export function isHostAllowedByIsolation(parent: RouteParent, routeHost: string): boolean {
  const own = parent.hostname;
  if (own !== '' && !isWildcard(own)) return true;
  if (own !== '' && !hostsOverlap(routeHost, own)) return false;
  for (const other of parent.bannedHostnames) {
    if (own.length > other.length) continue;
    if (isSubsetOf(routeHost, other)) return false;
  }
  return true;
}

/** @source istio: the same file, parentRefString */
export function referenceText(reference: ParentReference, namespace: string): string {
  const { group, kind, name, sectionName, port } = reference;
  const what = `${group ?? 'gateway.networking.k8s.io'}/${kind ?? 'Gateway'}/${name}`;
  return `${what}/${sectionName ?? ''}/${port ?? 0}.${reference.namespace ?? namespace}`;
}
