import type { MeshConfigSpec } from '#config/istio/mesh-config.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { matchesSelector } from './label-selector.ts';

/** Kubernetes puts it on every namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/**
 * The objects that istiod looks at: with `discoverySelectors` only those of namespaces that one of
 * them selects. Objects without a namespace always count.
 *
 * @source istio: pkg/kube/namespace/filter.go
 */
export function discovered(
  store: ResourceStore,
  selectors: MeshConfigSpec['discoverySelectors'],
): ResourceStore {
  if (selectors.length === 0) return store;
  const labelsOf = new Map(
    store.of('Namespace').map(({ metadata }) => [metadata.name, metadata.labels]),
  );
  const known = new Map<string, boolean>();
  const isDiscovered = (namespace: string): boolean => {
    let found = known.get(namespace);
    if (found === undefined) {
      const labels = new Map(labelsOf.get(namespace)).set(NAME_LABEL, namespace);
      found = selectors.some((selector) => matchesSelector(selector, labels));
      known.set(namespace, found);
    }
    return found;
  };
  const hidden = store
    .all()
    .filter(({ metadata }) => metadata.namespace !== '' && !isDiscovered(metadata.namespace));
  return hidden.length === 0 ? store : store.without(hidden);
}
