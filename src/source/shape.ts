import type { YamlValue } from './yaml-value.ts';

/**
 * Shapes: one table per kind of object that says which fields there are. The table drives the reading
 * (`shape-read.ts`), the strict checks, the JSON Schemas and, by `Infer`, the TypeScript types.
 *
 * What an absent field gives follows protobuf: plain scalars their zero value, lists and maps an empty
 * one, messages and wrapped scalars `undefined`.
 */
export interface Shape<out Value = unknown, out Absent = unknown> {
  readonly type: ShapeType;
  /** What a field of this shape gives when it is not written. */
  readonly absent: Absent;
  /** Of a list or map. */
  readonly item?: Shape;
  /** Of a map whose keys must be numbers. */
  readonly hasNumberKeys?: boolean;
  /** Of an object. */
  readonly fields?: ReadonlyMap<string, Shape>;
  /** An open object keeps silent about fields that it doesn't name. */
  readonly isOpen?: boolean;
  /** Of an enumeration, the zero value first. */
  readonly values?: readonly string[];
  /** Of an enumeration, its full name in protobuf. */
  readonly protoName?: string;
  /** `null` is a value that the field may be given (protobuf's wrapped scalars). */
  readonly isNullable?: boolean;
  readonly limits?: Limits;
  /** Never set; carries the type. */
  readonly '~value'?: Value;
}

export type ShapeType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'uint32'
  | 'uint64'
  | 'double'
  | 'enum'
  | 'duration'
  | 'bytes'
  | 'int-or-string'
  | 'list'
  | 'map'
  | 'object'
  | 'any';

/** What a schema says beyond the type. Reading doesn't look at it; schema validation does. */
export interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  /** Fields that must be written. */
  readonly required?: readonly string[];
  /** Fields that the schema names in snake_case too. */
  readonly aliases?: readonly string[];
  /** Groups of fields of which at most one may be written. */
  readonly oneOf?: readonly (readonly string[])[];
  /** The items of the list are told apart by these fields. */
  readonly listMapKeys?: readonly string[];
  /** Rules beyond the schema language, in the order of the schema. */
  readonly rules?: readonly Rule[];
}

/** A rule over one written value (CEL in Istio's schemas), with the message that the API server gives. */
export interface Rule {
  readonly message: string;
  /** The rule as the schema has it. */
  readonly cel: string;
  holds(value: YamlValue): boolean;
  /** The type that some part of the value can not be converted to, which is a fault of its own. */
  inconvertible?(value: YamlValue): string | undefined;
}

/** The value that a shape reads. */
export type Infer<S> = S extends Shape<infer Value, unknown> ? Value : never;

type Fields = Readonly<Record<string, Shape>>;
type FieldType<S> = S extends Shape<infer Value, infer Absent> ? Value | Absent : never;
type ObjectType<F extends Fields> = { readonly [K in keyof F]: FieldType<F[K]> };

const EMPTY_LIST: readonly never[] = Object.freeze([]);
const EMPTY_MAP: ReadonlyMap<string, never> = new Map<string, never>();

function shape<Value, Absent>(
  type: ShapeType,
  absent: Absent,
  limits: Limits | undefined,
): Shape<Value, Absent> {
  return limits === undefined ? { type, absent } : { type, absent, limits };
}

export const string = (limits?: Limits): Shape<string, string> => shape('string', '', limits);
export const boolean = (): Shape<boolean, boolean> => shape('boolean', false, undefined);
export const int32 = (limits?: Limits): Shape<number, number> => shape('int32', 0, limits);
export const uint32 = (limits?: Limits): Shape<number, number> => shape('uint32', 0, limits);
export const uint64 = (limits?: Limits): Shape<number, number> => shape('uint64', 0, limits);
export const double = (limits?: Limits): Shape<number, number> => shape('double', 0, limits);
/** Base64 text. */
export const bytes = (): Shape<string, string> => shape('bytes', '', undefined);
/** Integer nanoseconds; `undefined` when not written. */
export const durationNs = (limits?: Limits): Shape<number, undefined> =>
  shape('duration', undefined, limits);
export const intOrString = (): Shape<number | string, undefined> =>
  shape('int-or-string', undefined, undefined);
/** Anything, as it is written. */
export const anyValue = (): Shape<YamlValue, undefined> => shape('any', undefined, undefined);

/** One of some names; not written it is the first, protobuf's zero value. */
export function enumeration<const Values extends readonly [string, ...string[]]>(
  ...values: Values
): Shape<Values[number], Values[number]> {
  return { type: 'enum', absent: values[0], values };
}

/** An enumeration of an API, which has a full name in protobuf. */
export function protoEnum<const Values extends readonly [string, ...string[]]>(
  protoName: string,
  ...values: Values
): Shape<Values[number], Values[number]> {
  return { ...enumeration(...values), protoName };
}

/** A scalar whose absence differs from its zero value (a member of a oneof, an `optional`). */
export function optional<Value>(of: Shape<Value, unknown>): Shape<Value, undefined> {
  return { ...of, absent: undefined };
}

/** A scalar in protobuf's wrapper: may be absent, and may be written as `null`. */
export function wrapped<Value>(of: Shape<Value, unknown>): Shape<Value, undefined> {
  return { ...of, absent: undefined, isNullable: true };
}

export function list<Value>(
  item: Shape<Value, unknown>,
  limits?: Limits,
): Shape<readonly Value[], readonly Value[]> {
  return { ...shape('list', EMPTY_LIST, limits), item };
}

/** User-named keys, so a `Map`. */
export function map<Value>(
  item: Shape<Value, unknown>,
  limits?: Limits,
): Shape<ReadonlyMap<string, Value>, ReadonlyMap<string, Value>> {
  return { ...shape('map', EMPTY_MAP, limits), item };
}

/** As `map`, with numbers for keys. */
export function numberMap<Value>(
  item: Shape<Value, unknown>,
  limits?: Limits,
): Shape<ReadonlyMap<string, Value>, ReadonlyMap<string, Value>> {
  return { ...map(item, limits), hasNumberKeys: true };
}

/** A message: unknown fields are wrong. */
export function object<F extends Fields>(
  fields: F,
  limits?: Limits,
): Shape<ObjectType<F>, undefined> {
  const entries = new Map(Object.entries(fields));
  return { ...shape('object', undefined, limits), fields: entries };
}

/** An object of which only the fields that matter are named; others are passed over. */
export function openObject<F extends Fields>(fields: F): Shape<ObjectType<F>, undefined> {
  return { ...object(fields), isOpen: true };
}
