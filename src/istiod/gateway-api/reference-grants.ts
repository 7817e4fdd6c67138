import type { ResourceStore } from '#config/resource-store.ts';
import {
  CONFIG_MAP,
  GRPC_ROUTE,
  HTTP_ROUTE,
  KUBERNETES_GATEWAY,
  LISTENER_SET,
  type ObjectKind,
  SECRET,
  SERVICE,
  TCP_ROUTE,
  TLS_ROUTE,
} from './object-kind.ts';

/** One end of a reference across namespaces. */
export interface GrantEnd {
  readonly kind: ObjectKind;
  readonly namespace: string;
}

const FROM_KINDS = new Set([
  KUBERNETES_GATEWAY,
  HTTP_ROUTE,
  GRPC_ROUTE,
  TLS_ROUTE,
  TCP_ROUTE,
  LISTENER_SET,
]);
const TO_KINDS = new Set([CONFIG_MAP, SECRET, SERVICE]);

/**
 * Who may refer to what in another namespace.
 *
 * @source istio: pilot/pkg/config/kube/gatewaycommon/references.go, ReferenceGrantsCollection
 */
export class ReferenceGrants {
  /** By both ends: the names that are allowed, `undefined` standing for all. */
  readonly #names = new Map<string, Set<string | undefined>>();

  constructor(store: ResourceStore) {
    for (const { metadata, spec } of store.of('ReferenceGrant')) {
      for (const from of spec.from) {
        const source = { kind: `${from.group}/${from.kind}`, namespace: from.namespace };
        if (!FROM_KINDS.has(source.kind)) continue;
        for (const to of spec.to) {
          const target = { kind: `${to.group}/${to.kind}`, namespace: metadata.namespace };
          if (TO_KINDS.has(target.kind)) this.#add(source, target, to.name);
        }
      }
    }
  }

  #add(from: GrantEnd, to: GrantEnd, name: string | undefined): void {
    const key = pairKey(from, to);
    const names = this.#names.get(key) ?? new Set();
    this.#names.set(key, names.add(name));
  }

  /** @source istio: the same file, BackendAllowed, SecretAllowed */
  allows(from: GrantEnd, to: GrantEnd, name: string): boolean {
    const names = this.#names.get(pairKey(from, to));
    return names !== undefined && (names.has(undefined) || names.has(name));
  }
}

function pairKey(from: GrantEnd, to: GrantEnd): string {
  return `${from.kind} ${from.namespace} ${to.kind} ${to.namespace}`;
}
