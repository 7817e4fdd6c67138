import { compareText } from '#source/compare-text.ts';
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
  static readonly EMPTY = new ResourceStore(new Map(), new Map(), 0);

  /** `undefined` has the kinds that are not read. */
  readonly #kinds: Kinds;
  /** Lists that were asked for. */
  readonly #lists: Map<KindName | undefined, readonly Resource[]>;
  /** How many objects have ever appeared. */
  readonly #appeared: number;

  private constructor(
    kinds: Kinds,
    lists: Map<KindName | undefined, readonly Resource[]>,
    appeared: number,
  ) {
    this.#kinds = kinds;
    this.#lists = lists;
    this.#appeared = appeared;
  }

  /** All objects of a kind, by namespace and name. */
  of<K extends KindName>(kind: K): readonly ResourceOf<K>[] {
    // Objects are filed by the kind whose table read them.
    return this.#list(kind) as readonly ResourceOf<K>[];
  }

  /** The object of a kind with this name; `namespace` is empty for a cluster-scoped one. */
  find<K extends KindName>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined {
    const key = `${RESOURCE_KINDS[kind].group}/${writtenKind(kind)}/${namespace}/${name}`;
    return this.#kinds.get(kind)?.get(key)?.resource as ResourceOf<K> | undefined;
  }

  /** Objects of kinds that meshsim does not read, e.g. AuthorizationPolicy. */
  get others(): readonly Resource[] {
    return this.#list(undefined);
  }

  #list(kind: KindName | undefined): readonly Resource[] {
    let found = this.#lists.get(kind);
    if (found === undefined) {
      const members = this.#kinds.get(kind) ?? NO_MEMBERS;
      found = sorted(Array.from(members.values(), ({ resource }) => resource));
      this.#lists.set(kind, found);
    }
    return found;
  }

  /** Every object, in the order of its first appearance. */
  all(): readonly Resource[] {
    const members = [...this.#kinds.values()].flatMap((of) => [...of.values()]);
    return members.sort((a, b) => a.place - b.place).map(({ resource }) => resource);
  }

  /** The store after an apply: an object of the same kind, namespace and name is replaced. */
  with(resources: readonly Resource[]): ResourceStore {
    if (resources.length === 0) return this;
    let appeared = this.#appeared;
    const changed = changedKinds(this.#kinds, resources, (members, key, resource) => {
      const place = members.get(key)?.place ?? appeared++;
      members.set(key, { resource, place });
    });
    const kinds = new Map([...this.#kinds, ...changed]);
    return new ResourceStore(kinds, this.#listsBut(changed), appeared);
  }

  /** The store after a delete. What it does not have is passed over. */
  without(resources: readonly Resource[]): ResourceStore {
    if (resources.length === 0) return this;
    const changed = changedKinds(this.#kinds, resources, (members, key) => members.delete(key));
    const kinds = new Map([...this.#kinds, ...changed]);
    return new ResourceStore(kinds, this.#listsBut(changed), this.#appeared);
  }

  /** The lists of kinds that a change leaves alone: the next store has the very same ones. */
  #listsBut(changed: Kinds): Map<KindName | undefined, readonly Resource[]> {
    return new Map([...this.#lists].filter(([kind]) => !changed.has(kind)));
  }

  /** This store, changed in the same way as another one has: `before` has become `after`. */
  changedLike(before: ResourceStore, after: ResourceStore): ResourceStore {
    const come: Member[] = [];
    const gone: Resource[] = [];
    for (const kind of new Set([...before.#kinds.keys(), ...after.#kinds.keys()])) {
      const old = before.#kinds.get(kind) ?? NO_MEMBERS;
      const now = after.#kinds.get(kind) ?? NO_MEMBERS;
      if (old === now) continue;
      for (const [key, member] of now) {
        if (old.get(key)?.resource !== member.resource) come.push(member);
      }
      for (const [key, { resource }] of old) if (!now.has(key)) gone.push(resource);
    }
    come.sort((a, b) => a.place - b.place);
    return this.with(come.map(({ resource }) => resource)).without(gone);
  }
}

/** An object, and its place in the order of first appearance. */
interface Member {
  readonly resource: Resource;
  readonly place: number;
}

/** The objects of one kind. */
type Members = ReadonlyMap<string, Member>;

type Kinds = ReadonlyMap<KindName | undefined, Members>;

const NO_MEMBERS: Members = new Map();

/** The kinds of some resources, each as it is after a change. */
function changedKinds(
  kinds: Kinds,
  resources: readonly Resource[],
  change: (members: Map<string, Member>, key: string, resource: Resource) => void,
): Kinds {
  const changed = new Map<KindName | undefined, Map<string, Member>>();
  for (const resource of resources) {
    const kind = kindOfObject(resource.apiVersion, resource.kind);
    let members = changed.get(kind);
    if (members === undefined) {
      members = new Map(kinds.get(kind));
      changed.set(kind, members);
    }
    change(members, keyOf(resource), resource);
  }
  return changed;
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
