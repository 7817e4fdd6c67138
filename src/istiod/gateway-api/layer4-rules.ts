import type { Layer4RouteRule } from '#config/gateway-api/layer4-routes.ts';
import type { ResourceOf } from '#config/resource.ts';
import { type RouteIdentity, weightedBackends, weightSum } from './backends.ts';
import { RuleFindings } from './config-error.ts';
import type { DerivedRoute } from './derived-route.ts';
import { type ConvertedRules, collectRules } from './http-rules.ts';
import type { ConfigValue } from './made-config.ts';
import type { Surroundings } from './surroundings.ts';

/** Nobody serves it: there is no better way to refuse connections. */
const NOBODY = {
  destination: { host: 'internal.cluster.local', port: { number: 65535 }, subset: 'zero-weight' },
};

/**
 * The routes of a TCPRoute or TLSRoute.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, convertTCPRoute, convertTLSRoute
 */
export function convertedLayer4Rules(
  route: ResourceOf<'TCPRoute'> | ResourceOf<'TLSRoute'>,
  identity: RouteIdentity,
  around: Surroundings,
): ConvertedRules<DerivedRoute> {
  const rules: readonly Layer4RouteRule[] = route.spec.rules;
  return collectRules(
    rules.map((rule, index) => {
      const findings = new RuleFindings();
      const isEmpty = weightSum(rule.backendRefs) === 0;
      const backends = isEmpty
        ? []
        : weightedBackends(rule.backendRefs, identity, around, findings);
      const destinations: readonly ConfigValue[] = isEmpty
        ? [NOBODY]
        : backends.map(({ destination, weight }) => ({ destination, weight }));
      const source = {
        route,
        rule: ['spec', 'rules', index],
        matchIndex: undefined,
        backendIndexes: backends.map((backend) => backend.index),
      };
      return { findings, route: { fields: { route: destinations }, source } };
    }),
  );
}
