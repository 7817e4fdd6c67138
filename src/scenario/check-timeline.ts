import { didYouMeanHint } from '#source/did-you-mean.ts';
import type { Located, Report } from './file/shape.ts';
import type { Scenario } from './scenario.ts';
import { findWorkload } from './workload-names.ts';

/** Finds workloads, clients and hosts of the timeline that there are not. */
export function checkTimeline(scenario: Scenario, keys: readonly string[], report: Report): void {
  for (const step of scenario.timeline) {
    const { action } = step;
    if ('workload' in action) checkWorkload(action.workload, keys, report);
    if (action.kind === 'setClient') checkClient(action.client, scenario, report);
    if (step.atNs >= scenario.durationNs)
      report.warning('MS0205', step.at, 'the step comes after the end of the run');
  }
}

function checkWorkload(name: Located<string>, keys: readonly string[], report: Report): void {
  if (name.value === '*') return;
  const found = findWorkload(name.value, keys);
  if ('problem' in found) report.error('MS0250', name.at, found.problem, found.hint);
}

function checkClient(name: Located<string>, scenario: Scenario, report: Report): void {
  if (scenario.clients.has(name.value)) return;
  const names = [...scenario.clients.keys()];
  const hint = didYouMeanHint(name.value, names) ?? `there are ${names.join(', ')}`;
  report.error('MS0254', name.at, `the scenario has no client "${name.value}"`, hint);
}
