import type { Resource } from '#config/resource.ts';
import { groupOf } from '#config/resource-kinds.ts';
import type { ResourceStore } from '#config/resource-store.ts';

/** Objects that would change what happens to traffic and that are not simulated. */
export interface NotModelled {
  readonly kind: string;
  /** `namespace/name`. */
  readonly objects: readonly string[];
}

const KINDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['security.istio.io', ['AuthorizationPolicy', 'RequestAuthentication']],
  ['networking.istio.io', ['EnvoyFilter']],
  ['extensions.istio.io', ['WasmPlugin', 'TrafficExtension']],
  ['gateway.networking.k8s.io', ['ListenerSet', 'BackendTLSPolicy', 'UDPRoute']],
  ['gateway.networking.x-k8s.io', ['XBackend', 'XBackendTrafficPolicy']],
  ['inference.networking.k8s.io', ['InferencePool']],
  ['networking.k8s.io', ['Ingress']],
]);

/** By kind, in order of kinds and names. */
export function notModelled(store: ResourceStore): readonly NotModelled[] {
  const byKind = new Map<string, string[]>();
  for (const resource of store.all()) {
    const kind = unmodelledKind(resource);
    if (kind === undefined) continue;
    const names = byKind.get(kind) ?? [];
    names.push(qualifiedName(resource));
    byKind.set(kind, names);
  }
  return [...byKind]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, objects]) => ({ kind, objects: objects.sort() }));
}

/** What a kind that is not read is scoped to is not known: without a namespace it is the default one. */
function qualifiedName({ kind, metadata }: Resource): string {
  if (kind === 'Namespace') return metadata.name;
  return `${metadata.namespace || 'default'}/${metadata.name}`;
}

function unmodelledKind({ apiVersion, kind, metadata }: Resource): string | undefined {
  const group = groupOf(apiVersion);
  if (KINDS.get(group)?.includes(kind) === true) return kind;
  const isAmbient =
    kind === 'Namespace' && metadata.labels.get('istio.io/dataplane-mode') === 'ambient';
  return isAmbient ? 'Namespace (ambient)' : undefined;
}
