import type { Json } from './core.ts';

/** What is wrong with a piece of configuration, and where: `virtualHosts[0].routes[2].match`. */
export interface ReadProblem {
  /** `warning`: the field is unknown here and was left out; the rest holds. */
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly message: string;
}

export interface ReadContext {
  readonly problems: ReadProblem[];
}

/**
 * Reads one value of JSON; undefined (and a problem) when it is not of the kind. Nothing is thrown:
 * the text is somebody's.
 */
export type Reader<T> = (value: unknown, path: string, context: ReadContext) => T | undefined;

/** Deeper nesting than any real configuration has. */
const MAX_DEPTH = 100;

export const text: Reader<string> = (value, path, context) =>
  typeof value === 'string' ? value : wrong('a string', value, path, context);

export const bool: Reader<boolean> = (value, path, context) => {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  return wrong('true or false', value, path, context);
};

/** Finite doubles; texts of numbers too, as in protobuf's JSON. */
export const double: Reader<number> = (value, path, context) => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number)
    ? number
    : wrong('a number', value, path, context);
};

export const uint32: Reader<number> = (value, path, context) => {
  const number = integerOf(value);
  return number !== undefined && number >= 0 && number <= 0xffffffff
    ? number
    : wrong('an integer from 0 to 4294967295', value, path, context);
};

/** Kept as written: it may not fit a double. */
export const uint64: Reader<string | number> = (value, path, context) => {
  const number = integerOf(value);
  const fits = typeof value === 'string' ? /^[0-9]{1,20}$/.test(value) : (number ?? -1) >= 0;
  return fits ? (value as string | number) : wrong('an unsigned integer', value, path, context);
};

export const int64: Reader<string | number> = (value, path, context) => {
  const fits =
    typeof value === 'string' ? /^-?[0-9]{1,19}$/.test(value) : integerOf(value) !== undefined;
  return fits ? (value as string | number) : wrong('an integer', value, path, context);
};

const DURATION = /^-?[0-9]{1,12}(\.[0-9]{1,9})?s$/;

/** `"2.5s"`. */
export const duration: Reader<string> = (value, path, context) =>
  typeof value === 'string' && DURATION.test(value)
    ? value
    : wrong('a duration in seconds such as "2.5s"', value, path, context);

/** Any JSON, kept as it is. */
export const json: Reader<Json> = (value) => value as Json;

/** A message of which only the presence is of interest, or whose fields are not looked into. */
export const object: Reader<Record<string, never>> = (value, path, context) =>
  isObject(value) ? (value as Record<string, never>) : wrong('an object', value, path, context);

/** One of the names; its number is read too. */
export function oneOf<const Name extends string>(...names: readonly Name[]): Reader<Name> {
  return (value, path, context) => {
    if (typeof value === 'number' && names[value] !== undefined) return names[value];
    const found = names.find((name) => name === value);
    if (found !== undefined) return found;
    return wrong(`one of ${names.join(', ')}`, value, path, context);
  };
}

/** Items that can not be read are left out. */
export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, path, context) => {
    if (!Array.isArray(value)) return wrong('a list', value, path, context);
    const items: T[] = [];
    value.forEach((element: unknown, index) => {
      const read = item(element, `${path}[${index}]`, context);
      if (read !== undefined) items.push(read);
    });
    return items;
  };
}

/** An object whose keys are the user's. */
export function mapOf<T>(item: Reader<T>): Reader<{ readonly [key: string]: T }> {
  return (value, path, context) => {
    if (!isObject(value)) return wrong('an object', value, path, context);
    const entries: [string, T][] = [];
    for (const [key, element] of Object.entries(value)) {
      const read = item(element, `${path}[${JSON.stringify(key)}]`, context);
      if (read !== undefined) entries.push([key, read]);
    }
    return Object.fromEntries(entries);
  };
}

/** A field that must be there; `fallback` takes its place, so that what reads on finds something. */
export function required<T>(reader: Reader<T>, fallback: T): RequiredReader<T> {
  return Object.assign(
    (value: unknown, path: string, context: ReadContext) =>
      reader(value, path, context) ?? fallback,
    { fallback },
  );
}

export type RequiredReader<T> = Reader<T> & { readonly fallback: T };

/** A reader for every field of a message. */
export type Fields<Message> = {
  readonly [Field in keyof Required<Message>]: Reader<Exclude<Message[Field], undefined>>;
};

/**
 * A message. Fields are given in camelCase and read in snake_case too; `null` is absent; what is
 * unknown is a warning. Fields may be given by a function, for messages that contain themselves.
 */
export function message<Message extends object>(
  fields: Fields<Message> | (() => Fields<Message>),
): Reader<Message> {
  let readers: ReadonlyMap<string, Reader<unknown>> | undefined;
  let missing: readonly (readonly [string, unknown])[] = [];
  return (value, path, context) => {
    if (!isObject(value)) return wrong('an object', value, path, context);
    if (path.length > MAX_DEPTH * 30) return wrong('less nesting', 'too deep', path, context);
    if (readers === undefined) {
      const entries = Object.entries(typeof fields === 'function' ? fields() : fields);
      readers = new Map(entries as [string, Reader<unknown>][]);
      missing = entries.flatMap(([name, reader]) =>
        'fallback' in (reader as object)
          ? [[name, (reader as RequiredReader<unknown>).fallback] as const]
          : [],
      );
    }
    const read = readFields(value, readers, path, context);
    for (const [name, fallback] of missing) {
      if (name in read) continue;
      problem('error', `${at(path, name)}: a value is required`, path, context);
      read[name] = fallback;
    }
    return read as Message;
  };
}

function readFields(
  value: Readonly<Record<string, unknown>>,
  readers: ReadonlyMap<string, Reader<unknown>>,
  path: string,
  context: ReadContext,
): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [key, element] of Object.entries(value)) {
    if (element === null || element === undefined) continue;
    const name = camelName(key);
    const reader = readers.get(name);
    if (reader === undefined) {
      problem('warning', `unknown field ${JSON.stringify(key)}`, path, context);
      continue;
    }
    const inner = reader(element, at(path, name), context);
    if (inner !== undefined) read[name] = inner;
  }
  return read;
}

/** `max_tokens` → `maxTokens`; `consecutive_5xx` → `consecutive5xx`; camelCase stays. */
export function camelName(name: string): string {
  return name.includes('_')
    ? name.replace(/_+(.)/g, (_, letter: string) => letter.toUpperCase())
    : name;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function problem(
  severity: ReadProblem['severity'],
  message: string,
  path: string,
  context: ReadContext,
): void {
  context.problems.push({ severity, path, message });
}

function wrong(expected: string, value: unknown, path: string, context: ReadContext): undefined {
  problem('error', `expected ${expected}, got ${shown(value)}`, path, context);
  return undefined;
}

function shown(value: unknown): string {
  const text = typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : '';
  return text !== '' && value !== null ? text : JSON.stringify(value ?? null).slice(0, 60);
}

function at(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function integerOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?[0-9]{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}
