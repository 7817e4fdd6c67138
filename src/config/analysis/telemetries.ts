import type { Pod, Telemetry } from '../resource.ts';
import type { AnalysisContext, Analyzer } from './analysis-context.ts';
import { firstKey, selectorText, selects } from './label-selector.ts';

/** @source istio: pkg/config/analysis/analyzers/telemetry/providers.go */
export const telemetryProviderAnalyzer: Analyzer = {
  name: 'telemetry.ProviderAnalyzer',
  inputs: ['Telemetry', 'MeshConfig'],
  analyze(context) {
    if ((context.meshConfig?.defaultProviders?.accessLogging.length ?? 0) > 0) return;
    for (const telemetry of context.of('Telemetry')) {
      const { name, namespace } = telemetry.metadata;
      for (const [index, { disabled, providers }] of telemetry.spec.accessLogging.entries())
        if (disabled !== true && providers.length === 0)
          context.report('IST0157', telemetry, [name, namespace], {
            at: ['spec', 'accessLogging', index],
          });
    }
  },
};

/** @source istio: pkg/config/analysis/analyzers/telemetry/default_selector.go */
export const telemetryDefaultAnalyzer: Analyzer = {
  name: 'telemetry.DefaultSelectorAnalyzer',
  inputs: ['Telemetry'],
  analyze(context) {
    const all = context.of('Telemetry').filter(({ spec }) => spec.selector === undefined);
    for (const telemetry of all) {
      const { namespace } = telemetry.metadata;
      const here = all.filter((it) => it.metadata.namespace === namespace);
      if (here.length > 1) context.report('IST0160', telemetry, [names(here), namespace]);
    }
  },
};

/** @source istio: pkg/config/analysis/analyzers/telemetry/selector.go */
export const telemetrySelectorAnalyzer: Analyzer = {
  name: 'telemetry.SelectorAnalyzer',
  inputs: ['Telemetry', 'Pod'],
  analyze(context) {
    const ofPods = new Map<Pod, Telemetry[]>();
    for (const telemetry of context.of('Telemetry')) {
      const labels = telemetry.spec.selector?.matchLabels;
      if (labels === undefined || labels.size === 0) continue;
      const pods = podsOf(context, telemetry, labels);
      for (const pod of pods) ofPods.set(pod, [...(ofPods.get(pod) ?? []), telemetry]);
      if (pods.length > 0) continue;
      const line = ['spec', 'selector', 'matchLabels', firstKey(labels)];
      context.report('IST0101', telemetry, ['selector', selectorText(labels)], { line });
    }
    for (const [{ metadata }, selecting] of ofPods) {
      if (selecting.length === 1) continue;
      for (const telemetry of selecting)
        context.report(
          'IST0159',
          telemetry,
          [names(selecting), metadata.namespace, metadata.name],
          { line: ['metadata', 'name'], at: ['spec', 'selector'] },
        );
    }
  },
};

function podsOf(
  context: AnalysisContext,
  telemetry: Telemetry,
  labels: ReadonlyMap<string, string>,
): readonly Pod[] {
  return context
    .of('Pod')
    .filter(
      ({ metadata }) =>
        metadata.namespace === telemetry.metadata.namespace && selects(labels, metadata.labels),
    );
}

function names(telemetries: readonly Telemetry[]): readonly string[] {
  return telemetries.map(({ metadata }) => metadata.name).sort();
}
