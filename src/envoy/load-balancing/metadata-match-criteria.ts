import type { Json, Metadata } from '#xds/core.ts';

/** A key and the value that a host's `envoy.lb` metadata must have. */
export interface MetadataMatchCriterion {
  readonly name: string;
  readonly value: Json;
}

/**
 * What a route asks of hosts, sorted by key. Reduced forms are kept, so that none is made per request.
 *
 * @source envoy: source/common/router/metadatamatchcriteria_impl.cc
 */
export class MetadataMatchCriteria {
  readonly criteria: readonly MetadataMatchCriterion[];
  /** Equal for equal criteria. */
  readonly key: string;
  readonly #reduced = new Map<string, MetadataMatchCriteria | undefined>();

  constructor(criteria: readonly MetadataMatchCriterion[]) {
    this.criteria = [...criteria].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.key = criteriaKey(this.criteria);
  }

  /** The names, in order. */
  get names(): string {
    return namesKey(this.criteria.map(({ name }) => name));
  }

  /** The criteria of the given names alone; undefined when none is left. */
  reducedTo(names: readonly string[]): MetadataMatchCriteria | undefined {
    const key = namesKey(names);
    if (!this.#reduced.has(key)) {
      const left = this.criteria.filter(({ name }) => names.includes(name));
      this.#reduced.set(key, left.length === 0 ? undefined : new MetadataMatchCriteria(left));
    }
    return this.#reduced.get(key);
  }
}

/**
 * The criteria of a route's `metadata_match`, with those of the chosen weighted cluster over them.
 *
 * @source envoy: source/common/router/config_impl.cc, metadataMatchCriteria
 */
export function metadataMatchCriteria(
  route: Metadata | undefined,
  weightedCluster: Metadata | undefined = undefined,
): MetadataMatchCriteria | undefined {
  const merged = new Map<string, Json>();
  for (const metadata of [route, weightedCluster]) {
    const fields = metadata?.filterMetadata?.['envoy.lb'] ?? {};
    for (const [name, value] of Object.entries(fields)) merged.set(name, value);
  }
  if (merged.size === 0) return undefined;
  return new MetadataMatchCriteria([...merged].map(([name, value]) => ({ name, value })));
}

/** Equal for equal lists of criteria, which are sorted by name. */
export function criteriaKey(criteria: readonly MetadataMatchCriterion[]): string {
  return JSON.stringify(criteria.map(({ name, value }) => [name, canonical(value)]));
}

/** Equal for equal sets of sorted names. */
export function namesKey(names: readonly string[]): string {
  return JSON.stringify(names);
}

/** Equal for equal values, whatever the order in which objects list their fields. */
export function valueKey(value: Json): string {
  return JSON.stringify(canonical(value));
}

function canonical(value: Json): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value as Readonly<Record<string, Json>>);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return { fields: fields.map(([name, field]) => [name, canonical(field)]) };
}
