import type { TimelineAction } from './file/timeline-keys.ts';

/** A step in words, for charts and push events. */
export function describeStep(action: TimelineAction): string {
  switch (action.kind) {
    case 'apply':
      return `apply ${action.entries.map((it) => (it.kind === 'path' ? it.path : 'objects')).join(', ')}`;
    case 'delete':
      return `delete ${action.what.map(({ value }) => value).join(', ')}`;
    case 'setWorkload':
      return `set workload ${action.workload.value}`;
    case 'setClient':
      return `set client ${action.client.value}`;
    case 'setExternal':
      return `set external ${action.host.value}`;
    case 'scale':
      return `scale ${action.workload.value} to ${action.to}`;
    case 'partition':
    case 'network':
      return `${action.kind} between ${action.between.map(({ value }) => value).join(' and ')}`;
    case 'lose':
      return `lose ${action.place} ${action.name.value}`;
    case 'note':
      return action.text;
    default:
      return `${action.kind} ${action.workload.value}`;
  }
}
