import { member, textMember } from '#source/yaml-value.ts';
import type { Analyzer } from './analysis-context.ts';

const REMOVED_GROUP = 'rbac.istio.io';
const REMOVED_KINDS = ['ClusterRbacConfig', 'RbacConfig', 'ServiceRole', 'ServiceRoleBinding'];

/** @source istio: pkg/config/analysis/analyzers/deprecation/deprecation.go */
export const deprecationAnalyzer: Analyzer = {
  name: 'deprecation.DeprecationAnalyzer',
  inputs: ['VirtualService', 'Sidecar', 'CustomResourceDefinition'],
  analyze(context) {
    for (const service of context.of('VirtualService'))
      for (const [index, { fault }] of service.spec.http.entries()) {
        if ((fault?.delay?.percent ?? 0) <= 0) continue;
        const text =
          'HTTPRoute.fault.delay.percent is deprecated; use HTTPRoute.fault.delay.percentage';
        const at = ['spec', 'http', index, 'fault', 'delay', 'percent'];
        context.report('IST0002', service, [text], { at });
      }
    for (const sidecar of context.of('Sidecar')) {
      if (sidecar.spec.outboundTrafficPolicy?.egressProxy === undefined) continue;
      const at = ['spec', 'outboundTrafficPolicy', 'egressProxy'];
      context.report('IST0002', sidecar, ['OutboundTrafficPolicy.EgressProxy ignored'], { at });
    }
    for (const crd of context.others('apiextensions.k8s.io', 'CustomResourceDefinition')) {
      const spec = crd.raw.get('spec');
      const kind = textMember(member(spec, 'names'), 'kind') ?? '';
      if (textMember(spec, 'group') !== REMOVED_GROUP || !REMOVED_KINDS.includes(kind)) continue;
      const text = `Custom resource type ${REMOVED_GROUP} ${kind} is removed`;
      context.report('IST0002', crd, [text]);
    }
  },
};

/** @source istio: pkg/config/analysis/analyzers/telemetry/lightstep.go */
export const lightstepAnalyzer: Analyzer = {
  name: 'telemetry.LightstepAnalyzer',
  inputs: ['Telemetry', 'MeshConfig'],
  analyze(context) {
    const providers = context.meshConfig?.extensionProviders ?? [];
    const lightstep = new Set(
      providers.filter((it) => it.lightstep !== undefined).map(({ name }) => name),
    );
    for (const telemetry of context.of('Telemetry')) {
      for (const [index, { providers: used }] of telemetry.spec.tracing.entries())
        for (const { name } of used) {
          if (!lightstep.has(name)) continue;
          const text = `The Lightstep provider ${name} is deprecated, please migrate to OpenTelemetry provider.`;
          context.report('IST0002', telemetry, [text], { at: ['spec', 'tracing', index] });
        }
    }
  },
};
