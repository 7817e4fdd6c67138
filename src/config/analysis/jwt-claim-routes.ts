import { isMapping, member, type YamlValue } from '#source/yaml-value.ts';
import type { VirtualService } from '../resource.ts';
import { isJwtClaim } from '../validation/header-names.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { selects } from './label-selector.ts';
import { splitName } from './virtual-service-gateways.ts';

/** @source istio: pkg/config/analysis/analyzers/virtualservice/jwtclaimroute.go */
export const jwtClaimRouteAnalyzer: Analyzer = {
  name: 'virtualservice.JWTClaimRouteAnalyzer',
  inputs: ['VirtualService', 'RequestAuthentication', 'Gateway', 'Pod'],
  analyze(context) {
    for (const service of context.of('VirtualService')) {
      const claim = claimOf(service);
      if (claim !== undefined) checkGateways(context, service, claim);
    }
  },
};

function claimOf({ spec }: VirtualService): string | undefined {
  for (const { match } of spec.http)
    for (const { headers, withoutHeaders } of match) {
      const claim = [...headers.keys(), ...withoutHeaders.keys()].find(isJwtClaim);
      if (claim !== undefined) return claim;
    }
  return undefined;
}

function checkGateways(context: AnalysisContext, service: VirtualService, claim: string): void {
  for (const name of service.spec.gateways) {
    const [namespace, gatewayName] = splitName(service.metadata.namespace, name);
    const gateway = context.find('Gateway', namespace, gatewayName);
    if (gateway === undefined) continue;
    for (const pod of context.of('Pod')) {
      const { labels } = pod.metadata;
      if (!selects(gateway.spec.selector, labels)) continue;
      if (isAuthenticated(context, pod.metadata.namespace, labels)) continue;
      const at = ['spec', 'http'];
      context.report('IST0149', service, [claim, fullName(gateway), pod.metadata.name], { at });
    }
  }
}

function isAuthenticated(
  context: AnalysisContext,
  namespace: string,
  labels: ReadonlyMap<string, string>,
): boolean {
  const policies = context.others('security.istio.io', 'RequestAuthentication');
  return policies.some(({ metadata, raw }) => {
    const isNear = [namespace, 'istio-system'].includes(metadata.namespace || 'default');
    return isNear && selects(matchLabels(raw.get('spec')), labels);
  });
}

/** `selector.matchLabels` of a policy that has no table. */
export function matchLabels(spec: YamlValue | undefined): ReadonlyMap<string, string> {
  const labels = member(member(spec, 'selector'), 'matchLabels');
  const entries = isMapping(labels) ? [...labels] : [];
  return new Map(entries.map(([key, value]) => [key, String(value)]));
}
