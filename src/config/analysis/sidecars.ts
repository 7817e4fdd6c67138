import type { Pod, Sidecar } from '../resource.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { isNamespaceAmbient, isPodAmbient } from './in-mesh.ts';
import { firstKey, selectorText, selects } from './label-selector.ts';

/** @source istio: pkg/config/analysis/analyzers/sidecar/selector.go */
export const sidecarSelectorAnalyzer: Analyzer = {
  name: 'sidecar.SelectorAnalyzer',
  inputs: ['Sidecar', 'Pod', 'Namespace'],
  analyze(context) {
    const isSelecting = ({ spec }: Sidecar) => (spec.workloadSelector?.labels.size ?? 0) > 0;
    const sidecars = context.of('Sidecar');
    const ineffective = new Set<string>();
    checkSelectors(context, sidecars.filter(isSelecting), ineffective);
    checkNamespaces(
      context,
      sidecars.filter((sidecar) => !isSelecting(sidecar)),
      ineffective,
    );
  },
};

function checkSelectors(
  context: AnalysisContext,
  sidecars: readonly Sidecar[],
  ineffective: Set<string>,
): void {
  const ofPods = new Map<Pod, Sidecar[]>();
  for (const sidecar of sidecars) {
    const labels = sidecar.spec.workloadSelector!.labels;
    const pods = context
      .of('Pod')
      .filter(
        ({ metadata }) =>
          metadata.namespace === sidecar.metadata.namespace && selects(labels, metadata.labels),
      );
    for (const pod of pods) ofPods.set(pod, [...(ofPods.get(pod) ?? []), sidecar]);
    if (pods.length > 0) continue;
    const line = ['spec', 'workloadSelector', 'labels', firstKey(labels)];
    context.report('IST0101', sidecar, ['selector', selectorText(labels)], { line });
  }
  for (const [pod, selecting] of ofPods) {
    if (isPodAmbient(pod)) {
      const reason = 'selected workload is in ambient mode, the policy has no impact';
      reportIneffective(context, selecting, reason, ineffective);
    } else if (selecting.length > 1) {
      const { namespace, name } = pod.metadata;
      for (const sidecar of selecting)
        context.report('IST0110', sidecar, [names(selecting), namespace, name], {
          line: ['metadata', 'name'],
          at: ['spec', 'workloadSelector'],
        });
    }
  }
}

/** A namespace has at most one Sidecar without a selector. */
function checkNamespaces(
  context: AnalysisContext,
  sidecars: readonly Sidecar[],
  ineffective: Set<string>,
): void {
  for (const namespace of new Set(sidecars.map((it) => it.metadata.namespace))) {
    const here = sidecars.filter((it) => it.metadata.namespace === namespace);
    if (isNamespaceAmbient(context.find('Namespace', '', namespace))) {
      const reason = 'namespace is in ambient mode, the policy has no impact';
      reportIneffective(context, here, reason, ineffective);
    } else if (here.length > 1) {
      for (const sidecar of here) context.report('IST0111', sidecar, [names(here), namespace]);
    }
  }
}

function reportIneffective(
  context: AnalysisContext,
  sidecars: readonly Sidecar[],
  reason: string,
  reported: Set<string>,
): void {
  for (const sidecar of sidecars) {
    if (reported.has(fullName(sidecar))) continue;
    reported.add(fullName(sidecar));
    context.report('IST0167', sidecar, [reason]);
  }
}

function names(sidecars: readonly Sidecar[]): readonly string[] {
  return sidecars.map(({ metadata }) => metadata.name).sort();
}
