import type { Diagnostic, Place } from '#source/diagnostic.ts';
import { didYouMeanHint } from '#source/did-you-mean.ts';
import type { ScenarioCode } from './codes.ts';
import { describeNode, type ScenarioNode } from './scenario-node.ts';

/**
 * What a value of a scenario file must look like. One table of shapes drives both the strict reader
 * and the JSON Schema that ships with the package, so the two cannot disagree.
 */
export interface Shape<T> {
  /** What is wanted, as a noun for messages: `a duration such as 250ms`. */
  readonly expects: string;
  readonly jsonSchema: JsonSchema;
  /** The value, or undefined after a diagnostic was reported. */
  read(node: ScenarioNode, report: Report): T | undefined;
}

export type JsonSchema = { readonly [keyword: string]: JsonSchemaValue };
export type JsonSchemaValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonSchemaValue[]
  | JsonSchema;

/** The text of a file that a scenario names, or undefined after a diagnostic was reported. */
export type ReadNamedFile = (path: string, at: Place, report: Report) => string | undefined;

/** Collects what is wrong with a file. */
export class Report {
  readonly diagnostics: Diagnostic[] = [];
  readonly readNamedFile: ReadNamedFile;

  constructor(readNamedFile: ReadNamedFile = () => undefined) {
    this.readNamedFile = readNamedFile;
  }

  error(code: ScenarioCode, at: Place | undefined, message: string, hint?: string): undefined {
    this.#add('error', code, at, message, hint);
  }

  warning(code: ScenarioCode, at: Place | undefined, message: string, hint?: string): undefined {
    this.#add('warning', code, at, message, hint);
  }

  /** A value of the wrong form. */
  wanted(shape: { readonly expects: string }, node: ScenarioNode): undefined {
    this.error('MS0202', node.at, `want ${shape.expects}, found ${describeNode(node)}`);
  }

  get hasErrors(): boolean {
    return this.diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  }

  #add(
    severity: 'error' | 'warning',
    code: ScenarioCode,
    at: Place | undefined,
    message: string,
    hint: string | undefined,
  ): void {
    this.diagnostics.push({ code, severity, message, at, ...(hint === undefined ? {} : { hint }) });
  }
}

/** A value together with where it stands. */
export interface Located<T> {
  readonly value: T;
  readonly at: Place;
}

export function located<T>(shape: Shape<T>): Shape<Located<T>> {
  return {
    ...shape,
    read(node, report) {
      const value = shape.read(node, report);
      return value === undefined ? undefined : { value, at: node.at };
    },
  };
}

/** A shape whose value is turned into another one; `turn` may report and answer undefined. */
export function turned<T, U>(
  shape: Shape<T>,
  turn: (value: T, node: ScenarioNode, report: Report) => U | undefined,
): Shape<U> {
  return {
    ...shape,
    read(node, report) {
      const value = shape.read(node, report);
      return value === undefined ? undefined : turn(value, node, report);
    },
  };
}

/** A shape that is used in several places: it stands once in the JSON Schema's `$defs`. */
export function defined<T>(name: string, shape: Shape<T>): Shape<T> {
  return recursive(name, shape.expects, () => shape);
}

/** A shape that refers to itself; `name` stands in the JSON Schema's `$defs`. */
export function recursive<T>(name: string, expects: string, shape: () => Shape<T>): Shape<T> {
  return {
    expects,
    jsonSchema: { $ref: `#/$defs/${name}` },
    read: (node, report) => shape().read(node, report),
  };
}

/** Answers the node itself; somebody else reads it. */
export function anything(expects: string): Shape<ScenarioNode> {
  return { expects, jsonSchema: {}, read: (node) => node };
}

export function listOf<T>(item: Shape<T>, maxCount: number): Shape<readonly T[]> {
  return {
    expects: `a list, each item ${item.expects}`,
    jsonSchema: { type: 'array', items: item.jsonSchema },
    read(node, report) {
      if (node.kind !== 'sequence') return report.wanted(this, node);
      if (node.items.length > maxCount) {
        const message = `the list has ${node.items.length} items; at most ${maxCount} are read`;
        return report.error('MS0209', node.at, message);
      }
      return readAll(node.items, item, report);
    },
  };
}

/** One item, or a list of them. */
export function oneOrMore<T>(item: Shape<T>, maxCount: number): Shape<readonly T[]> {
  const list = listOf(item, maxCount);
  return {
    expects: `${item.expects}, or a list of them`,
    jsonSchema: { anyOf: [item.jsonSchema, list.jsonSchema] },
    read(node, report) {
      if (node.kind === 'sequence') return list.read(node, report);
      const value = item.read(node, report);
      return value === undefined ? undefined : [value];
    },
  };
}

function readAll<T>(nodes: readonly ScenarioNode[], item: Shape<T>, report: Report): readonly T[] {
  const values: T[] = [];
  for (const node of nodes) {
    const value = item.read(node, report);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** Values by names of the user's own choice. */
export function mapOf<T>(
  name: string,
  item: Shape<T>,
  maxCount: number,
): Shape<ReadonlyMap<string, Named<T>>> {
  return {
    expects: `a mapping from ${name} to ${item.expects}`,
    jsonSchema: { type: 'object', additionalProperties: item.jsonSchema },
    read(node, report) {
      if (node.kind !== 'mapping') return report.wanted(this, node);
      if (node.entries.size > maxCount) {
        const message = `the mapping has ${node.entries.size} keys; at most ${maxCount} are read`;
        return report.error('MS0209', node.at, message);
      }
      const values = new Map<string, Named<T>>();
      for (const [key, entry] of node.entries) {
        const value = item.read(entry.node, report);
        if (value !== undefined) values.set(key, { value, at: entry.node.at, keyAt: entry.keyAt });
      }
      return values;
    },
  };
}

/** A value under a key of the user's own choice. */
export interface Named<T> extends Located<T> {
  readonly keyAt: Place;
}

/** One key of a table. */
export interface Key<T> {
  readonly shape: Shape<T>;
  /** One sentence; it goes into the JSON Schema and the reference. */
  readonly says: string;
  readonly isRequired?: boolean;
}

export type KeyTable = { readonly [key: string]: Key<unknown> };

/** What a mapping read by a table gives: every key may be absent, but those required. */
export type ValuesOf<T extends KeyTable> = {
  readonly [K in keyof T]: T[K] extends Key<infer V> ? V | undefined : never;
} & { readonly node: ScenarioNode & { readonly kind: 'mapping' } };

export function key<T>(shape: Shape<T>, says: string): Key<T> {
  return { shape, says };
}

export function requiredKey<T>(shape: Shape<T>, says: string): Key<T> {
  return { shape, says, isRequired: true };
}

/** A mapping of exactly these keys; any other is an error with a suggestion. */
export function mappingOf<T extends KeyTable>(noun: string, table: T): Shape<ValuesOf<T>> {
  const keys = new Map(Object.entries(table));
  return {
    expects: noun,
    get jsonSchema() {
      return tableSchema(table);
    },
    read(node, report) {
      if (node.kind !== 'mapping') return report.wanted(this, node);
      const values: { [key: string]: unknown } = { node };
      for (const name of keys.keys()) values[name] = undefined;
      for (const [name, entry] of node.entries) {
        const known = keys.get(name);
        if (known === undefined) unknownKey(name, entry.keyAt, noun, keys.keys(), report);
        else if (!isAbsent(entry.node)) values[name] = known.shape.read(entry.node, report);
      }
      for (const [name, { isRequired }] of keys) {
        if (isRequired === true && !isGiven(node, name))
          report.error('MS0203', node.at, `${noun} needs the key "${name}"`);
      }
      return values as ValuesOf<T>; // Filled by the very table that types it.
    },
  };
}

/** Reports a key that nobody reads. */
export function unknownKey(
  name: string,
  at: Place,
  noun: string,
  known: Iterable<string>,
  report: Report,
): void {
  const all = [...known];
  const hint = didYouMeanHint(name, all) ?? `known keys: ${all.join(', ')}`;
  report.error('MS0201', at, `unknown key "${name}" in ${noun}`, hint);
}

/** The key stands there with a value, be it a good one or not. */
export function isGiven(node: ScenarioNode, name: string): boolean {
  const entry = node.kind === 'mapping' ? node.entries.get(name) : undefined;
  return entry !== undefined && !isAbsent(entry.node);
}

/** `timeout:` with nothing behind it says nothing. */
function isAbsent(node: ScenarioNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function tableSchema(table: KeyTable): JsonSchema {
  const properties: { [key: string]: JsonSchema } = {};
  const required: string[] = [];
  for (const [name, { shape, says, isRequired }] of Object.entries(table)) {
    properties[name] = { description: says, ...shape.jsonSchema };
    if (isRequired === true) required.push(name);
  }
  return {
    type: 'object',
    additionalProperties: false,
    properties,
    ...(required.length === 0 ? {} : { required }),
  };
}

/** Chooses by what stands there: text or a number, a mapping, or a list. */
export function byKind<T>(
  expects: string,
  shapes: {
    readonly scalar?: Shape<T>;
    readonly mapping?: Shape<T>;
    readonly sequence?: Shape<T>;
  },
): Shape<T> {
  return {
    expects,
    get jsonSchema() {
      const known = [shapes.scalar, shapes.mapping, shapes.sequence];
      return { anyOf: known.flatMap((shape) => (shape === undefined ? [] : [shape.jsonSchema])) };
    },
    read(node, report) {
      const shape = shapes[node.kind];
      return shape === undefined ? report.wanted(this, node) : shape.read(node, report);
    },
  };
}
