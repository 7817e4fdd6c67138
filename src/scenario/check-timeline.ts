import type { ClusterView } from '#mesh/cluster/cluster-view.ts';
import type { PodFacts } from '#mesh/cluster/pod-facts.ts';
import { EVERYWHERE, OUTSIDE } from '#mesh/latency-map.ts';
import { didYouMeanHint } from '#source/did-you-mean.ts';
import type { Located, Report } from './file/shape.ts';
import type { TimelineAction } from './file/timeline-keys.ts';
import type { Scenario } from './scenario.ts';
import { findWorkload } from './workload-names.ts';

/** Finds workloads, pods, clients and places of the timeline that there are not. */
export function checkTimeline(scenario: Scenario, view: ClusterView, report: Report): void {
  const keys = [...view.workloads.keys()];
  for (const step of scenario.timeline) {
    const { action } = step;
    if ('workload' in action) checkWorkload(action.workload, keys, report);
    if (action.kind === 'setClient') checkClient(action.client, scenario, report);
    if (action.kind === 'lose') checkLost(action, view, report);
    if ('between' in action)
      for (const name of action.between.flatMap(({ names }) => names))
        checkPlace(name, view, report);
    if (step.atNs >= scenario.durationNs)
      report.warning('MS0205', step.at, 'the step comes after the end of the run');
  }
}

function checkWorkload(name: Located<string>, keys: readonly string[], report: Report): void {
  if (name.value === '*') return;
  const found = findWorkload(name.value, keys);
  if ('problem' in found) report.error('MS0250', name.at, found.problem, found.hint);
}

function checkLost(
  { place, name }: Extract<TimelineAction, { readonly kind: 'lose' }>,
  view: ClusterView,
  report: Report,
): void {
  const nameOf = ({ node, locality }: PodFacts): string =>
    place === 'node' ? node : (locality.split('/')[1] ?? '');
  const known = [...new Set(view.pods.map(nameOf))].filter((it) => it !== '');
  if (known.includes(name.value)) return;
  const hint =
    didYouMeanHint(name.value, known) ??
    (known.length === 0 ? `no pod has a ${place}` : `there are ${known.join(', ')}`);
  report.error('MS0250', name.at, `the mesh has no ${place} "${name.value}"`, hint);
}

/** Nodes, zones and regions that pods are in. */
function placesOf(view: ClusterView): ReadonlySet<string> {
  const places = new Set<string>();
  for (const { node, locality } of view.pods) {
    const [region = '', zone = ''] = locality.split('/');
    for (const name of [node, zone, region]) if (name !== '') places.add(name);
  }
  return places;
}

function checkPlace(name: Located<string>, view: ClusterView, report: Report): void {
  const places = placesOf(view);
  const keys = [...view.workloads.keys()];
  if (name.value === OUTSIDE || name.value === EVERYWHERE || places.has(name.value)) return;
  if ('key' in findWorkload(name.value, keys)) return;
  const names = [...keys.map((key) => key.slice(key.indexOf('/') + 1)), ...places, OUTSIDE];
  if (names.includes(name.value)) return; // Several workloads of one name in different namespaces.
  const hint = didYouMeanHint(name.value, names) ?? `there are ${names.join(', ')}`;
  const message = `the mesh has no workload, node, zone or region "${name.value}"`;
  report.error('MS0250', name.at, message, hint);
}

function checkClient(name: Located<string>, scenario: Scenario, report: Report): void {
  if (scenario.clients.has(name.value)) return;
  const names = [...scenario.clients.keys()];
  const hint = didYouMeanHint(name.value, names) ?? `there are ${names.join(', ')}`;
  report.error('MS0254', name.at, `the scenario has no client "${name.value}"`, hint);
}
