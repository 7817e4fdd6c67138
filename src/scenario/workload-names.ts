import { didYouMean } from '#source/did-you-mean.ts';

/** What a name in a scenario refers to, or why it refers to nothing. */
export type NamedWorkload =
  | { readonly key: string }
  | { readonly problem: string; readonly hint: string };

/** `keys` are `namespace/name`; `name` is a name alone or with its namespace. */
export function findWorkload(name: string, keys: readonly string[]): NamedWorkload {
  const exact = keys.find((key) => key === name);
  if (exact !== undefined) return { key: exact };
  const matching = keys.filter((key) => key.slice(key.indexOf('/') + 1) === name);
  const [only, other] = matching;
  if (only !== undefined && other === undefined) return { key: only };
  if (only !== undefined) {
    const hint = `write ${matching.join(' or ')}`;
    return { problem: `several workloads are called "${name}"`, hint };
  }
  const names = keys.map((key) => key.slice(key.indexOf('/') + 1));
  const near = didYouMean(name, name.includes('/') ? keys : names);
  const known = keys.length === 0 ? 'the manifests have no workload' : `there are ${listed(names)}`;
  return {
    problem: `the mesh has no workload "${name}"`,
    hint: near === undefined ? known : `did you mean "${near}"?`,
  };
}

function listed(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, 12);
  return names.length > shown.length ? `${shown.join(', ')} …` : shown.join(', ');
}
