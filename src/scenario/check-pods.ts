import type { ClusterView } from '#mesh/cluster/cluster-view.ts';
import { didYouMeanHint } from '#source/did-you-mean.ts';
import type { Named, Report } from './file/shape.ts';
import type { Scenario } from './scenario.ts';
import { findWorkload } from './workload-names.ts';

/** Finds pods under `pods:`, of workloads and in the timeline, that their workload cannot have. */
export function checkPods(scenario: Scenario, view: ClusterView, report: Report): void {
  for (const [workload, { value }] of scenario.workloads)
    checkNames(workload, value.pods, view, report);
  for (const { action } of scenario.timeline)
    if (action.kind === 'setWorkload')
      checkNames(action.workload.value, action.set.pods, view, report);
}

function checkNames(
  workload: string,
  pods: ReadonlyMap<string, Named<unknown>>,
  view: ClusterView,
  report: Report,
): void {
  const found = findWorkload(workload, [...view.workloads.keys()]);
  const known = 'key' in found ? view.workloads.get(found.key) : undefined;
  for (const [name, { keyAt }] of pods) {
    if (workload === '*') {
      report.error('MS0204', keyAt, '"pods" belongs to a workload by name, not to "*"');
    } else if (known !== undefined && !mayHave(known, name)) {
      const names = known.pods.map((pod) => pod.name);
      const hint = didYouMeanHint(name, names) ?? `there are ${names.join(', ')}`;
      report.error('MS0250', keyAt, `workload "${workload}" has no pod "${name}"`, hint);
    }
  }
}

/** One that it has, or that scaling may bring. */
function mayHave(
  workload: { readonly name: string; readonly pods: readonly { readonly name: string }[] },
  pod: string,
): boolean {
  if (workload.pods.some(({ name }) => name === pod)) return true;
  const rest = pod.startsWith(`${workload.name}-`) ? pod.slice(workload.name.length + 1) : '';
  return /^\d+$/.test(rest);
}
