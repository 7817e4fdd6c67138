/**
 * Works out a CEL expression.
 *
 * @source envoy: source/extensions/filters/common/expr/evaluator.cc; cel-spec: doc/langdef.md, Evaluation
 */
import type { CelExpression } from '#xds/cel.ts';
import { compileRegex } from '../regex.ts';
import { parseDuration } from './duration.ts';
import {
  areEqual,
  CelError,
  type CelFields,
  type CelValue,
  isFields,
  isList,
  isNumber,
  order,
} from './value.ts';

/** `attributes`: what the names stand for. */
export function evaluateCel(expression: CelExpression, attributes: CelFields): CelValue {
  const worth = (it: CelExpression): CelValue => evaluateCel(it, attributes);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'name':
      return attributes.get(expression.name) ?? missing(expression.name);
    case 'member':
      return memberOf(worth(expression.of), expression.name);
    case 'index':
      return indexed(worth(expression.of), worth(expression.by));
    case 'has': {
      const of = worth(expression.of);
      if (of instanceof CelError) return of;
      return isFields(of) ? of.get(expression.name) !== undefined : missing(expression.name);
    }
    case 'list':
      return expression.items.map(worth);
    case 'map':
      return mapOf(expression.entries.map(([key, value]) => [worth(key), worth(value)] as const));
    case 'call':
      return call(expression, worth);
    case 'unary':
      return negated(expression.sign, worth(expression.of));
    case 'binary':
      return binary(expression.sign, worth(expression.left), worth(expression.right));
    case 'logical':
      return logical(expression.sign, expression.of, worth);
    case 'choice': {
      const test = worth(expression.test);
      if (typeof test !== 'boolean') return asError(test, '?:');
      return worth(test ? expression.chosen : expression.otherwise);
    }
    case 'unsupported':
      return new CelError(`no such overload: ${expression.what}`);
  }
}

type Worth = (expression: CelExpression) => CelValue;

function memberOf(of: CelValue, name: string): CelValue {
  if (of instanceof CelError) return of;
  return (isFields(of) ? of.get(name) : undefined) ?? missing(name);
}

function indexed(of: CelValue, by: CelValue): CelValue {
  if (of instanceof CelError) return of;
  if (isList(of) && typeof by === 'bigint') return of[Number(by)] ?? new CelError('out of range');
  return typeof by === 'string' ? memberOf(of, by) : asError(by, '[]');
}

function mapOf(entries: readonly (readonly [CelValue, CelValue])[]): CelValue {
  return new Map(
    entries.map(([key, value]) => [typeof key === 'string' ? key : String(key), value] as const),
  );
}

function negated(sign: string, of: CelValue): CelValue {
  if (sign === '!' && typeof of === 'boolean') return !of;
  if (sign === '-' && isNumber(of)) return -of;
  return asError(of, sign);
}

function binary(sign: string, a: CelValue, b: CelValue): CelValue {
  if (a instanceof CelError) return a;
  if (b instanceof CelError) return b;
  switch (sign) {
    case '==':
      return areEqual(a, b);
    case '!=':
      return !areEqual(a, b);
    case 'in':
      return isIn(a, b);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compared(sign, order(a, b));
    default:
      return arithmetic(sign, a, b);
  }
}

/** What decides wins over an error on another side. */
function logical(sign: '&&' | '||', of: readonly CelExpression[], worth: Worth): CelValue {
  const decider = sign === '||';
  let error: CelError | undefined;
  for (const side of of) {
    const value = worth(side);
    if (value === decider) return decider;
    if (typeof value !== 'boolean') error ??= asError(value, sign);
  }
  return error ?? !decider;
}

function compared(sign: string, orders: number | undefined): CelValue {
  if (orders === undefined) return new CelError(`no such overload: ${sign}`);
  if (sign === '<') return orders < 0;
  if (sign === '<=') return orders <= 0;
  return sign === '>' ? orders > 0 : orders >= 0;
}

function isIn(item: CelValue, all: CelValue): CelValue {
  if (isList(all)) return all.some((it) => areEqual(it, item));
  if (isFields(all) && typeof item === 'string') return all.get(item) !== undefined;
  return asError(all, 'in');
}

function arithmetic(sign: string, a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return whole(sign, a, b);
  if (typeof a === 'number' && typeof b === 'number') return fractional(sign, a, b);
  if (sign === '+' && typeof a === 'string' && typeof b === 'string') return a + b;
  if (sign === '+' && isList(a) && isList(b)) return [...a, ...b];
  return new CelError(`no such overload: ${sign}`);
}

function whole(sign: string, a: bigint, b: bigint): CelValue {
  if (sign === '+') return a + b;
  if (sign === '-') return a - b;
  if (sign === '*') return a * b;
  if (b === 0n) return new CelError('divide by zero');
  return sign === '/' ? a / b : a % b;
}

function fractional(sign: string, a: number, b: number): CelValue {
  if (sign === '+') return a + b;
  if (sign === '-') return a - b;
  if (sign === '*') return a * b;
  return sign === '/' ? a / b : new CelError('no such overload: %');
}

function call(expression: CelExpression & { readonly kind: 'call' }, worth: Worth): CelValue {
  const { name, target, args } = expression;
  const values = [...(target === undefined ? [] : [target]), ...args].map(worth);
  const error = values.find((it) => it instanceof CelError);
  if (error !== undefined) return error;
  return FUNCTIONS.get(name)?.(values) ?? new CelError(`no such overload: ${name}`);
}

/** Undefined where the arguments are not such that it has an answer. */
type CelFunction = (args: readonly CelValue[]) => CelValue | undefined;

const ofTexts =
  (test: (text: string, other: string) => CelValue): CelFunction =>
  ([text, other]) =>
    typeof text === 'string' && typeof other === 'string' ? test(text, other) : undefined;

/** A method's target is its first argument. */
const FUNCTIONS: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ['startsWith', ofTexts((text, other) => text.startsWith(other))],
  ['endsWith', ofTexts((text, other) => text.endsWith(other))],
  ['contains', ofTexts((text, other) => text.includes(other))],
  ['matches', ofTexts(matches)],
  ['size', ([of]) => sizeOf(of ?? null)],
  ['string', ([of]) => (of === undefined || typeof of === 'object' ? undefined : String(of))],
  ['int', ([of]) => wholeOf(of ?? null)],
  ['uint', ([of]) => wholeOf(of ?? null)],
  ['double', ([of]) => (of === undefined || typeof of === 'object' ? undefined : Number(of))],
  ['duration', ([of]) => (typeof of === 'string' ? parseDuration(of) : undefined)],
]);

/** Anywhere in the text, unless the expression is anchored. */
function matches(text: string, expression: string): CelValue {
  const regex = compileRegex(`(?s).*(?:${expression}).*`);
  return regex === undefined ? new CelError(`invalid expression`) : regex.matchesWhole(text);
}

function sizeOf(of: CelValue): CelValue | undefined {
  if (typeof of === 'string') return BigInt([...of].length);
  if (isList(of)) return BigInt(of.length);
  return isFields(of) ? BigInt(of.size) : undefined;
}

function wholeOf(of: CelValue): CelValue | undefined {
  if (typeof of === 'bigint') return of;
  if (typeof of === 'number') return BigInt(Math.trunc(of));
  return typeof of === 'string' && /^-?\d+$/.test(of) ? BigInt(of) : undefined;
}

function missing(name: string): CelError {
  return new CelError(`no such key: ${name}`);
}

function asError(value: CelValue, sign: string): CelError {
  return value instanceof CelError ? value : new CelError(`no such overload: ${sign}`);
}
