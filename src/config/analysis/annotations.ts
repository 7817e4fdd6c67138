import type { Resource } from '../resource.ts';
import type { AnalysisContext, Analyzer } from './analysis-context.ts';
import { ISTIO_ANNOTATIONS } from './annotation-table.ts';
import { ANNOTATION_VALUES } from './annotation-values.ts';

/** Set by Istio itself. @source istio: pkg/config/analysis/analyzers/maturity/maturity.go */
const IGNORED = new Set([
  'sidecar.istio.io/status',
  'gateway.istio.io/controller-version',
  'istio.io/rev',
]);
const INJECT = 'sidecar.istio.io/inject';

/** @source istio: pkg/config/analysis/analyzers/annotations/annotations.go */
export const annotationAnalyzer: Analyzer = {
  name: 'annotations.K8sAnalyzer',
  inputs: ['Namespace', 'Service', 'Pod', 'Deployment'],
  analyze(context) {
    for (const kind of ['Namespace', 'Service', 'Pod', 'Deployment'] as const)
      for (const resource of context.of(kind))
        for (const [name, value] of resource.metadata.annotations)
          if (isOfIstio(name) && !IGNORED.has(name)) check(context, resource, name, value);
  },
};

function isOfIstio(name: string): boolean {
  return name === 'kubernetes.io/ingress.class' || name.split('/')[0]!.endsWith('istio.io');
}

function check(context: AnalysisContext, resource: Resource, name: string, value: string): void {
  const where = { at: ['metadata', 'annotations', name] };
  const type = ISTIO_ANNOTATIONS.get(name);
  if (type === undefined) {
    context.report('IST0108', resource, [name], where);
    return;
  }
  // Who has label and annotation knows of the change.
  const isReplaced = name === INJECT && resource.metadata.labels.has(INJECT);
  if (type.isDeprecated && !isReplaced) {
    const instead = name === INJECT ? ` in favor of the "${INJECT}" label` : '';
    context.report('IST0135', resource, [name, instead], where);
  }
  if (type.on.includes('Any')) return;
  if (!type.on.includes(resource.kind)) {
    context.report('IST0107', resource, [name, type.on.join(', ')], where);
    return;
  }
  const problem = ANNOTATION_VALUES.get(name)?.(value);
  if (problem !== undefined) context.report('IST0125', resource, [name, problem], where);
}
