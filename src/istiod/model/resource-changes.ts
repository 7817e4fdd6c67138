import type { Resource } from '#config/resource.ts';
import type { KindName } from '#config/resource-kinds.ts';
import type { ResourceStore } from '#config/resource-store.ts';

/** Whether two sets of resources have the same ones of some kinds. */
export function areUnchanged(
  before: ResourceStore,
  now: ResourceStore,
  kinds: readonly KindName[],
): boolean {
  return kinds.every((kind) => {
    const [old, current]: readonly (readonly Resource[])[] = [before.of(kind), now.of(kind)];
    return (
      old === current ||
      (old!.length === current!.length &&
        old!.every((resource, index) => isSame(resource, current![index]!)))
    );
  });
}

/** The same object, or one that the cluster has filled in the same way as before. */
function isSame(a: Resource, b: Resource): boolean {
  if (a === b) return true;
  return a.raw === b.raw && a.metadata === b.metadata && haveSameFields(a.spec, b.spec);
}

function haveSameFields(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => isSameValue(Reflect.get(a, name), Reflect.get(b, name)))
  );
}

function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
