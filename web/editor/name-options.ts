import type { ProjectNames } from '../engine/project-names.ts';

/** A name that may stand at a place, and what it is. */
export interface NameOption {
  readonly label: string;
  readonly detail: string;
}

type Names = (names: ProjectNames) => readonly NameOption[];

const as =
  (detail: string, pick: (names: ProjectNames) => readonly string[]): Names =>
  (names) =>
    pick(names).map((label) => ({ label, detail }));

const HOSTS = as('host', ({ hosts }) => hosts);
const WORKLOADS = as('workload', ({ workloads }) => workloads);
const GATEWAYS = as('gateway', ({ gateways }) => gateways);
const FILES = as('file', ({ files }) => files);

/** By the key whose value is written, with the key above it where that matters. */
const BY_KEY: ReadonlyMap<string, Names> = new Map([
  ['host', HOSTS],
  ['hosts', HOSTS],
  ['backendRefs name', HOSTS],
  ['backendRef name', HOSTS],
  ['subset', ({ subsets }) => subsets.map(({ name, host }) => ({ label: name, detail: host }))],
  ['gateways', (names) => [...GATEWAYS(names), { label: 'mesh', detail: 'sidecars' }]],
  ['parentRefs name', GATEWAYS],
  ['namespace', as('namespace', ({ namespaces }) => namespaces)],
  ['namespaces', as('namespace', ({ namespaces }) => namespaces)],
  ['serviceAccountName', as('service account', ({ serviceAccounts }) => serviceAccounts)],
  ['from', WORKLOADS],
  ['workload', WORKLOADS],
  ['kill', WORKLOADS],
  ['scale', WORKLOADS],
  ['rollout', WORKLOADS],
  ['drain', WORKLOADS],
  ['apply', FILES],
  ['mesh', FILES],
  ['request', ({ urls }) => urls.map((label) => ({ label, detail: 'host' }))],
]);

/** Below these a pod's labels are keys; a Service and a Gateway have them right in `selector`. */
const SELECTORS: ReadonlySet<string> = new Set(['matchLabels', 'labels', 'selector']);

/** Names of the project that may stand where a value is written: after a key, or in a list below one. */
export function nameOptions(
  names: ProjectNames,
  parents: readonly string[],
  key: string | undefined,
): readonly NameOption[] {
  if (key !== undefined && SELECTORS.has(parents.at(-1) ?? ''))
    return names.labels
      .filter((label) => label.key === key)
      .map(({ value }) => ({ label: value, detail: 'label' }));
  const path = key === undefined ? parents : [...parents, key];
  const found = BY_KEY.get(path.slice(-2).join(' ')) ?? BY_KEY.get(path.at(-1) ?? '');
  return found?.(names) ?? [];
}

/** Names of the project that may stand as keys: workloads in a scenario, labels where pods are selected. */
export function nameKeys(names: ProjectNames, parents: readonly string[]): readonly NameOption[] {
  if (parents.length === 1 && parents[0] === 'workloads') return WORKLOADS(names);
  if (!SELECTORS.has(parents.at(-1) ?? '')) return [];
  const keys = new Set(names.labels.map((label) => label.key));
  return [...keys].map((label) => ({ label, detail: 'label' }));
}
