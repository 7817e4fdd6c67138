/**
 * What a CEL expression stands for. Whole numbers, signed or not, are `bigint`, all others `number`;
 * durations and times are numbers of nanoseconds. A value that cannot be had is an error, which goes up
 * through all but `&&`, `||` and `?:`.
 *
 * @source envoy: source/extensions/filters/common/expr/evaluator.h; cel-spec: doc/langdef.md, Values
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly CelValue[]
  | CelFields
  | CelError;

/** A map, or an object of attributes. */
export interface CelFields {
  /** Undefined = there is no such key. */
  get(key: string): CelValue | undefined;
  readonly size: number;
}

export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export function isFields(value: CelValue): value is CelFields {
  return typeof value === 'object' && value !== null && 'get' in value;
}

export function isList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

/** Numbers of both kinds compare by their value; all else only with its own kind. */
export function areEqual(a: CelValue, b: CelValue): boolean {
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (isList(a) && isList(b)) {
    return a.length === b.length && a.every((item, index) => areEqual(item, b[index]!));
  }
  return a === b;
}

/** −1, 0 or 1; undefined where the two have no order. */
export function order(a: CelValue, b: CelValue): number | undefined {
  if (isNumber(a) && isNumber(b)) return Number(a) < Number(b) ? -1 : Number(a) > Number(b) ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return undefined;
}

export function isNumber(value: CelValue): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}
