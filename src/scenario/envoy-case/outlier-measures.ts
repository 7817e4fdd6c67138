import type { LoggedOutlierEvent } from './case-log.ts';

/** Who was ejected and taken back, when, and how many of a cluster at once. */
export function outlierMeasures(events: readonly LoggedOutlierEvent[]): unknown {
  const label = (event: LoggedOutlierEvent, endpoint: string) =>
    `${event.action}${endpoint}${event.type === undefined ? '' : ` ${event.type}`}${
      event.action === 'EJECT' && event.enforced !== true ? ' (not enforced)' : ''
    }`;
  return {
    events: events.map((event) => ({
      t_s: event.atSeconds,
      endpoint: event.endpoint,
      action: event.action,
      ...(event.action === 'EJECT' ? { type: event.type, enforced: event.enforced === true } : {}),
      num_ejections: event.ejectionCount,
    })),
    order: events.map((event) => label(event, ` ${event.endpoint}`)),
    order_unlabelled: events.map((event) => label(event, '')),
    ejection_s: ejectionDurations(events),
    ejected_by_cluster: ejectedByCluster(events),
  };
}

function ejectionDurations(events: readonly LoggedOutlierEvent[]): Record<string, number[]> {
  const since = new Map<string, number>();
  const durations: Record<string, number[]> = {};
  for (const event of events) {
    if (event.action === 'EJECT') {
      if (event.enforced === true) since.set(event.endpoint, event.atSeconds);
      continue;
    }
    const start = since.get(event.endpoint);
    if (start === undefined) continue;
    const list = durations[event.endpoint] ?? [];
    list.push(Math.round((event.atSeconds - start) * 1000) / 1000);
    durations[event.endpoint] = list;
  }
  return durations;
}

function ejectedByCluster(events: readonly LoggedOutlierEvent[]): Record<string, unknown> {
  const out = new Map<string, Set<string>>();
  const peak = new Map<string, number>();
  for (const event of events) {
    const ejected = out.get(event.cluster) ?? new Set<string>();
    out.set(event.cluster, ejected);
    if (event.action === 'UNEJECT') ejected.delete(event.endpoint);
    else if (event.enforced === true) ejected.add(event.endpoint);
    peak.set(event.cluster, Math.max(peak.get(event.cluster) ?? 0, ejected.size));
  }
  return Object.fromEntries(
    [...out].map(([name, ejected]) => [name, { at_end: ejected.size, peak: peak.get(name) ?? 0 }]),
  );
}
