import { isSequence, member, type YamlValue } from '#source/yaml-value.ts';
import type { Resource } from '../resource.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { isPodAmbient, isPodInMesh } from './in-mesh.ts';
import { matchLabels } from './jwt-claim-routes.ts';
import { selectorText, selects } from './label-selector.ts';

const GROUP = 'security.istio.io';

/** Authorization is not simulated; the policy itself is looked at all the same.
 *
 * @source istio: pkg/config/analysis/analyzers/authz/authorizationpolicies.go
 */
export const authorizationPolicyAnalyzer: Analyzer = {
  name: 'auth.AuthorizationPoliciesAnalyzer',
  inputs: ['MeshConfig', 'AuthorizationPolicy', 'Namespace', 'Pod'],
  analyze(context) {
    const pods = context.of('Pod').filter((pod) => isPodInMesh(context, pod) || isPodAmbient(pod));
    for (const policy of context.others(GROUP, 'AuthorizationPolicy')) {
      const namespace = policy.metadata.namespace || 'default';
      const isMeshWide = namespace === (context.meshConfig?.rootNamespace ?? 'istio-system');
      const near = pods.filter(({ metadata }) => isMeshWide || metadata.namespace === namespace);
      checkWorkloads(
        context,
        policy,
        isMeshWide,
        near.map(({ metadata }) => metadata.labels),
      );
      checkNamespaces(context, policy);
    }
  },
};

function checkWorkloads(
  context: AnalysisContext,
  policy: Resource,
  isMeshWide: boolean,
  podLabels: readonly ReadonlyMap<string, string>[],
): void {
  const spec = policy.raw.get('spec');
  const hasSelector = (member(spec, 'selector') ?? null) !== null;
  if (isMeshWide && !hasSelector) return;
  const selector = matchLabels(spec);
  if (podLabels.some((labels) => selects(selector, labels))) return;
  context.report('IST0127', policy, [selectorText(selector)], { at: ['spec', 'selector'] });
}

function checkNamespaces(context: AnalysisContext, policy: Resource): void {
  const known = context.of('Namespace').map(({ metadata }) => metadata.name);
  for (const [index, rule] of items(member(policy.raw.get('spec'), 'rules')).entries()) {
    for (const [fromIndex, from] of items(member(rule, 'from')).entries()) {
      for (const field of ['namespaces', 'notNamespaces'] as const) {
        const source = member(from, 'source');
        for (const [position, value] of items(member(source, field)).entries()) {
          const name = String(value);
          if (known.some((namespace) => matches(namespace, name))) continue;
          const path = ['spec', 'rules', index, 'from', fromIndex, 'source'];
          context.report('IST0101', policy, ['namespace', name], {
            line: [...path, 'namespaces', position],
            at: [...path, field, position],
          });
        }
      }
    }
  }
}

function items(value: YamlValue | undefined): readonly YamlValue[] {
  return isSequence(value) ? value : [];
}

function matches(namespace: string, expression: string): boolean {
  if (expression === '*') return true;
  if (expression.startsWith('*')) return namespace.endsWith(expression.slice(1));
  if (expression.endsWith('*')) return namespace.startsWith(expression.slice(0, -1));
  return namespace.toLowerCase() === expression.toLowerCase();
}

/** How many names the message lists. */
const MAX_NAMES = 5;

/** @source istio: pkg/config/analysis/analyzers/authn/blockedcidrs.go */
export const blockedCidrsAnalyzer: Analyzer = {
  name: 'authn.BlockedCIDRsAnalyzer',
  inputs: ['RequestAuthentication', 'Deployment'],
  analyze(context) {
    const names = context.others(GROUP, 'RequestAuthentication').map(fullName);
    if (names.length === 0) return;
    for (const deployment of context.of('Deployment')) {
      if (deployment.metadata.labels.get('app') !== 'istiod') continue;
      const containers = deployment.spec.template?.spec?.containers ?? [];
      const isSet = containers.some(({ env }) =>
        env.some(({ name, value }) => name === 'BLOCKED_CIDRS_IN_JWKS_URIS' && value !== ''),
      );
      if (isSet) continue;
      const more = names.length > MAX_NAMES ? `, and ${names.length - MAX_NAMES} more` : '';
      const list = names.slice(0, MAX_NAMES).join(', ') + more;
      context.report('IST0175', deployment, [names.length, list]);
    }
  },
};
