/**
 * A number that equal configuration has in common, in whatever order fields stand (31 bits, not for
 * anything that must not collide). What was frozen by sharing is hashed once: lists keep their hash.
 */
export function contentHash(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return textHash(value);
    case 'number':
      return Math.imul(value | 0, 0x85ebca6b) ^ (value > 0x7fffffff ? 17 : 3);
    case 'boolean':
      return value ? 0x5bd1e995 : 0x1b873593;
    case 'object':
      return value === null ? 7 : Array.isArray(value) ? listHash(value) : fieldsHash(value);
    default:
      return 11;
  }
}

/** Routes are the same list in every virtual host that has them: they are walked once. */
const known = new WeakMap<readonly unknown[], number>();
const WORTH_KEEPING = 2;

function listHash(list: readonly unknown[]): number {
  const seen = known.get(list);
  if (seen !== undefined) return seen;
  let hash = list.length;
  for (const item of list) hash = (Math.imul(hash, 31) + contentHash(item)) | 0;
  if (list.length >= WORTH_KEEPING) known.set(list, hash);
  return hash;
}

function fieldsHash(value: object): number {
  let hash = 1;
  for (const name of Object.keys(value)) {
    const field = Math.imul(textHash(name), 0x01000193) ^ contentHash(Reflect.get(value, name));
    hash = (hash + Math.imul(field, 0x9e3779b1)) | 0;
  }
  return hash;
}

const LONG = 64;

/** Of long text a sample of the characters. */
function textHash(text: string): number {
  let hash = text.length ^ 0x811c9dc5;
  const { length } = text;
  const step = length > 2 * LONG ? Math.floor(length / LONG) : 1;
  for (let index = 0; index < length; index += step) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}
