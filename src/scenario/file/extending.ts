import type { Entry, ScenarioNode } from './scenario-node.ts';

/** Keys whose values are replaced as wholes: half of an old load with half of a new one means nothing. */
const WHOLES: ReadonlySet<string> = new Set([
  'latency',
  'errors',
  'calls',
  'load',
  'headers',
  'request',
  'requests',
  'values',
  'mesh',
  'timeline',
  'expect',
]);

/** Keys of which a scenario has one or the other: naming one takes the other away. */
const EXCLUSIVE: readonly (readonly string[])[] = [
  ['request', 'requests'],
  ['from', 'through'],
];

/** The tree of a scenario over the one that it extends: mappings key by key, everything else as a whole. */
export function extended(base: ScenarioNode, over: ScenarioNode): ScenarioNode {
  if (base.kind !== 'mapping' || over.kind !== 'mapping') return over;
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, entry] of over.entries) {
    for (const names of EXCLUSIVE) {
      if (names.includes(key)) for (const name of names) entries.delete(name);
    }
    const old = base.entries.get(key);
    const node = old === undefined || WHOLES.has(key) ? entry.node : extended(old.node, entry.node);
    entries.set(key, { ...entry, node });
  }
  return { ...over, entries };
}
