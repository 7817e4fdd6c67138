import type { AllowedRoutes, LabelSelector, Listener } from '#config/gateway-api/gateway.ts';
import type { Labels } from '../model/labels.ts';
import { selects } from '../model/labels.ts';
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
    .filter(([, labels]) => isSelected(selector, labels))
    .map(([name]) => name);
}

/** @source kubernetes: apimachinery/pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector */
function isSelected({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  return (
    selects(matchLabels, labels) &&
    matchExpressions.every(({ key, operator, values }) => {
      const value = labels.get(key);
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
