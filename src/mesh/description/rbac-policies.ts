import type { ResourceOf } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { selects } from '#istiod/model/labels.ts';
import type { PodFacts } from '../cluster/pod-facts.ts';

type AuthorizationPolicy = ResourceOf<'AuthorizationPolicy'>;

/** In the order of the filters that istiod makes; CUSTOM policies have none with rules of its own. */
const FILTERS = ['AUDIT', 'DENY', 'ALLOW'] as const;

/**
 * The names of the policies in the first authorization filter of a pod's sidecar, as istioctl finds them.
 * Sorted (istioctl's order is that of a Go map); they are named, not simulated.
 *
 * @source istio: istioctl/pkg/describe/describe.go, getIstioRBACPolicies; pilot/pkg/security/authz/builder/builder.go, policyName
 */
export function rbacPolicyNames(
  store: ResourceStore,
  pod: Pick<PodFacts, 'namespace' | 'labels'>,
  rootNamespace: string,
): readonly string[] {
  const applied = store
    .of('AuthorizationPolicy')
    .filter((policy) => appliesTo(policy, pod, rootNamespace));
  const action = FILTERS.find((wanted) => applied.some(({ spec }) => spec.action === wanted));
  return applied
    .filter(({ spec }) => spec.action === action)
    .flatMap(({ metadata, spec }) => {
      // A policy without rules matches nothing, and is there all the same.
      const count = Math.max(1, spec.rules.length);
      return Array.from(
        { length: count },
        (_, rule) => `ns[${metadata.namespace}]-policy[${metadata.name}]-rule[${rule}]`,
      );
    })
    .sort();
}

/** One that names its targets is for waypoints and gateways. */
function appliesTo(
  { metadata, spec }: AuthorizationPolicy,
  { namespace, labels }: Pick<PodFacts, 'namespace' | 'labels'>,
  rootNamespace: string,
): boolean {
  if (spec.targetRef !== undefined || spec.targetRefs.length > 0) return false;
  const isNear = metadata.namespace === namespace || metadata.namespace === rootNamespace;
  return isNear && selects(spec.selector?.matchLabels ?? new Map(), labels);
}
