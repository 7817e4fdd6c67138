import type { Experiment } from '#scenario/experiment.ts';
import type { TimelineAction } from '#scenario/file/timeline-keys.ts';
import type { ViewStep } from './run-view.ts';
import { placeOf } from './run-view-graph.ts';

/** The steps of the timeline, each by one or two words. */
export function viewSteps({ scenario }: Experiment): readonly ViewStep[] {
  return scenario.timeline.map(({ atNs, at, action }) => ({
    atNs,
    label: labelOfStep(action),
    at: placeOf(at),
  }));
}

function labelOfStep(action: TimelineAction): string {
  switch (action.kind) {
    case 'apply':
      return action.entries
        .map((entry) => (entry.kind === 'path' ? bareName(entry.path) : 'objects'))
        .join(', ');
    case 'delete':
      return `delete ${action.what.map(({ value }) => bareName(value)).join(', ')}`;
    case 'setWorkload':
      return `${action.workload.value} changes`;
    case 'setClient':
      return `${action.client.value} changes`;
    case 'setExternal':
      return `${action.host.value} changes`;
    case 'scale':
      return `scale ${action.workload.value} to ${action.to}`;
    case 'partition':
    case 'network':
      return action.kind;
    case 'lose':
      return `lose ${action.name.value}`;
    case 'note':
      return action.text;
    default:
      return `${action.kind} ${action.workload.value}`;
  }
}

function bareName(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.ya?ml$/, '');
}
