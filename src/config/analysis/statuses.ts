import { isSequence, member, textMember, type YamlValue } from '#source/yaml-value.ts';
import type { Resource } from '../resource.ts';
import type { AnalysisContext, Analyzer } from './analysis-context.ts';
import { matchLabels } from './jwt-claim-routes.ts';
import { selects } from './label-selector.ts';

const GATEWAY_API = 'gateway.networking.k8s.io';
const WAYPOINT = ['istio.io/WaypointBound'];
const ROUTE = ['Accepted', 'Programmed', 'ResolvedRefs'];

/** @source istio: pkg/config/analysis/analyzers/conditions/conditions.go */
export const conditionAnalyzer: Analyzer = {
  name: 'conditions.ConditionAnalyzer',
  inputs: ['Service', 'ServiceEntry', 'WorkloadEntry', 'AuthorizationPolicy', 'HTTPRoute'],
  analyze(context) {
    for (const kind of ['Service', 'ServiceEntry', 'WorkloadEntry'] as const)
      reportNegative(context, context.of(kind), WAYPOINT);
    const policies = context.others('security.istio.io', 'AuthorizationPolicy');
    reportNegative(context, policies, ['ZtunnelAccepted', 'WaypointAccepted']);
    for (const kind of ['Gateway', 'HTTPRoute', 'GRPCRoute'])
      reportNegative(context, context.others(GATEWAY_API, kind), ROUTE);
  },
};

/** Conditions of these types that are false; and a waypoint that took a policy in part. */
function reportNegative(
  context: AnalysisContext,
  resources: readonly Resource[],
  types: readonly string[],
): void {
  for (const resource of resources) {
    for (const condition of conditionsOf(resource)) {
      const text = (key: string) => textMember(condition, key) ?? '';
      const isNegative = types.includes(text('type')) && text('status') === 'False';
      const isPartial =
        resource.kind === 'AuthorizationPolicy' &&
        text('type') === 'WaypointAccepted' &&
        text('reason') === 'PartiallyInvalid';
      const parameters = [text('type'), text('reason'), text('message')];
      if (isNegative || isPartial)
        context.report('IST0171', resource, parameters, { at: ['status'] });
    }
  }
}

/** Those of the object, or, of a route, of each of its parents. */
function conditionsOf({ raw }: Resource): readonly YamlValue[] {
  const status = raw.get('status');
  const parents = items(member(status, 'parents'));
  return [status, ...parents].flatMap((it) => items(member(it, 'conditions')));
}

function items(value: YamlValue | undefined): readonly YamlValue[] {
  return isSequence(value) ? value : [];
}

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** @source istio: pkg/config/analysis/analyzers/k8sgateway/workloadselector.go */
export const gatewaySelectorAnalyzer: Analyzer = {
  name: 'k8sgateway.SelectorAnalyzer',
  inputs: ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry', 'WasmPlugin', 'Pod'],
  analyze(context) {
    const pods = context.of('Pod').filter(({ metadata }) => metadata.labels.has(GATEWAY_NAME));
    const policies = [
      ...context.others('security.istio.io', 'AuthorizationPolicy'),
      ...context.others('security.istio.io', 'RequestAuthentication'),
      ...context.of('Telemetry'),
      ...context.others('extensions.istio.io', 'WasmPlugin'),
    ];
    for (const policy of policies) {
      const spec = policy.raw.get('spec');
      const isByLabels = (member(spec, 'selector') ?? null) !== null;
      if (!isByLabels || (member(spec, 'targetRef') ?? null) !== null) continue;
      const selector = matchLabels(spec);
      const namespace = policy.metadata.namespace || 'default';
      for (const { metadata } of pods) {
        if (metadata.namespace !== namespace || !selects(selector, metadata.labels)) continue;
        const name = metadata.labels.get(GATEWAY_NAME) ?? '';
        context.report('IST0166', policy, [name], { at: ['spec', 'selector'] });
      }
    }
  },
};
