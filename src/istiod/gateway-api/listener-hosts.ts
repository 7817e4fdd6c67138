import type { AllowedRoutes, Listener } from '#config/gateway-api/gateway.ts';
import { matchesSelector } from '../model/label-selector.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * The `hosts` of the server that a listener becomes: its hostname for each namespace whose routes it
 * takes, and `~/…`, which matches nobody, where it takes none.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, buildHostnameMatch
 */
export function listenerHosts(
  listener: Listener,
  namespace: string,
  around: Surroundings,
): readonly string[] {
  const hostname = listener.hostname ?? '*';
  const allowed = allowedNamespaces(listener.allowedRoutes, namespace, around);
  return allowed.length === 0 ? [`~/${hostname}`] : allowed.map((name) => `${name}/${hostname}`);
}

/** @source istio: the same file, namespacesFromSelector */
function allowedNamespaces(
  routes: AllowedRoutes | undefined,
  namespace: string,
  around: Surroundings,
): readonly string[] {
  const from = routes?.namespaces?.from ?? 'Same';
  if (from === 'Same') return [namespace];
  const selector = routes?.namespaces?.selector;
  if (from === 'All' || selector === undefined) return ['*'];
  return [...around.namespaces]
    .filter(([, labels]) => matchesSelector(selector, labels))
    .map(([name]) => name);
}
