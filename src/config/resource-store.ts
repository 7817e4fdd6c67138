import type { Diagnostic } from '#source/diagnostic.ts';
import type { ConfigCode } from './codes.ts';
import { type Resource, type ResourceOf, resourceName } from './resource.ts';
import {
  groupOf,
  type KindName,
  kindOfObject,
  RESOURCE_KINDS,
  writtenKind,
} from './resource-kinds.ts';

/**
 * The objects of a cluster, by kind. Immutable: applying and deleting give a new store that shares what
 * did not change. Within a kind the order is by namespace, then name, so that an object's place in the
 * files never matters.
 */
export class ResourceStore {
  static readonly EMPTY = new ResourceStore(new Map(), []);

  readonly #byKey: ReadonlyMap<string, Resource>;
  /** Lists that were asked for; `undefined` has the kinds that are not read. */
  readonly #byKind: Map<KindName | undefined, readonly Resource[]>;
  #members: ReadonlyMap<KindName | undefined, readonly Resource[]> | undefined;

  private constructor(
    byKey: ReadonlyMap<string, Resource>,
    lists: Iterable<readonly [KindName | undefined, readonly Resource[]]>,
  ) {
    this.#byKey = byKey;
    this.#byKind = new Map(lists);
  }

  /** All objects of a kind, by namespace and name. */
  of<K extends KindName>(kind: K): readonly ResourceOf<K>[] {
    let found = this.#byKind.get(kind);
    if (found === undefined) {
      found = sorted(this.#membersByKind().get(kind) ?? []);
      this.#byKind.set(kind, found);
    }
    // Objects are filed by the kind whose table read them.
    return found as readonly ResourceOf<K>[];
  }

  /** The object of a kind with this name; `namespace` is empty for a cluster-scoped one. */
  find<K extends KindName>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined {
    const key = `${RESOURCE_KINDS[kind].group}/${writtenKind(kind)}/${namespace}/${name}`;
    return this.#byKey.get(key) as ResourceOf<K> | undefined;
  }

  /** Objects of kinds that meshsim does not read, e.g. AuthorizationPolicy. */
  get others(): readonly Resource[] {
    let found = this.#byKind.get(undefined);
    if (found === undefined) {
      found = sorted(this.#membersByKind().get(undefined) ?? []);
      this.#byKind.set(undefined, found);
    }
    return found;
  }

  /** Every object, in the order of its first appearance. */
  all(): readonly Resource[] {
    return [...this.#byKey.values()];
  }

  /** The store after an apply: an object of the same kind, namespace and name is replaced. */
  with(resources: readonly Resource[]): ResourceStore {
    const byKey = new Map(this.#byKey);
    for (const resource of resources) byKey.set(keyOf(resource), resource);
    return new ResourceStore(byKey, unchanged(this.#byKind, resources));
  }

  /** The store after a delete. What it does not have is passed over. */
  without(resources: readonly Resource[]): ResourceStore {
    const byKey = new Map(this.#byKey);
    for (const resource of resources) byKey.delete(keyOf(resource));
    return new ResourceStore(byKey, unchanged(this.#byKind, resources));
  }

  /** This store, changed in the same way as another one has: `before` has become `after`. */
  changedLike(before: ResourceStore, after: ResourceStore): ResourceStore {
    const old = new Set(before.all());
    const changed = after.all().filter((resource) => !old.has(resource));
    const kept = new Set(after.all());
    const replaced = new Set(changed.map(keyOf));
    const gone = before.all().filter((it) => !kept.has(it) && !replaced.has(keyOf(it)));
    return this.with(changed).without(gone);
  }

  /** All kinds in one walk; `undefined` has those that are not read. */
  #membersByKind(): ReadonlyMap<KindName | undefined, readonly Resource[]> {
    if (this.#members !== undefined) return this.#members;
    const members = new Map<KindName | undefined, Resource[]>();
    for (const resource of this.#byKey.values()) {
      const kind = kindOfObject(resource.apiVersion, resource.kind);
      const list = members.get(kind);
      if (list === undefined) members.set(kind, [resource]);
      else list.push(resource);
    }
    this.#members = members;
    return members;
  }
}

/** The lists of kinds that a change leaves alone: the next store has the very same ones. */
function unchanged(
  lists: ReadonlyMap<KindName | undefined, readonly Resource[]>,
  changed: readonly Resource[],
): Iterable<readonly [KindName | undefined, readonly Resource[]]> {
  const kinds = new Set(changed.map(({ apiVersion, kind }) => kindOfObject(apiVersion, kind)));
  return [...lists].filter(([kind]) => !kinds.has(kind));
}

function sorted(resources: readonly Resource[]): readonly Resource[] {
  return [...resources].sort(
    (a, b) =>
      compareText(a.metadata.namespace, b.metadata.namespace) ||
      compareText(a.metadata.name, b.metadata.name) ||
      compareText(a.kind, b.kind),
  );
}

/** The store of some resources in the order of their files, with a note for each that is replaced. */
export function storeOf(resources: readonly Resource[], diagnostics: Diagnostic[]): ResourceStore {
  const seen = new Map<string, Resource>();
  for (const resource of resources) {
    const key = keyOf(resource);
    const earlier = seen.get(key);
    if (earlier !== undefined) diagnostics.push(replacedNote(resource, earlier));
    seen.set(key, resource);
  }
  return ResourceStore.EMPTY.with(resources);
}

/** Objects are the same when group, kind, namespace and name are: versions are views of one object. */
function keyOf({ apiVersion, kind, metadata }: Resource): string {
  const name = metadata.name === '' ? `${metadata.generateName}*` : metadata.name;
  return `${groupOf(apiVersion)}/${kind}/${metadata.namespace}/${name}`;
}

function replacedNote(resource: Resource, earlier: Resource): Diagnostic {
  const code: ConfigCode = 'MS0126';
  return {
    code,
    severity: 'info',
    message: `${resource.kind} ${resourceName(resource)} replaces an earlier one`,
    at: resource.placeOf(['metadata', 'name']),
    related: [{ at: earlier.placeOf(['metadata', 'name']), message: 'the earlier one' }],
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
