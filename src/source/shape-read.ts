import { didYouMeanHint } from './did-you-mean.ts';
import { parseDuration } from './duration.ts';
import { memoOf } from './memo.ts';
import { camelCase, type Path } from './path.ts';
import type { Shape } from './shape.ts';
import { isMapping, isSequence, kindOf, type YamlMapping, type YamlValue } from './yaml-value.ts';

/** What is wrong with a value that doesn't fit its shape. */
export interface ShapeProblem {
  readonly kind:
    | 'unknown-field'
    | 'wrong-type'
    | 'not-in-enum'
    | 'bad-duration'
    | 'duplicate-field';
  readonly path: Path;
  /** Whether the key or the value is to be underlined. */
  readonly part: 'key' | 'value';
  readonly message: string;
  readonly hint?: string;
}

type MutablePath = (string | number)[];

/**
 * Reads a written value by its shape. What doesn't fit is reported and read as if it were absent, so
 * that one mistake doesn't hide the next. Never throws.
 */
export function readShape<Value, Absent>(
  shape: Shape<Value, Absent>,
  value: YamlValue | undefined,
  base: Path,
  problems: ShapeProblem[],
): Value | Absent {
  // The reader builds what the shape's type says; the compiler can't follow that.
  return read(shape, value, [...base], problems) as Value | Absent;
}

function read(
  shape: Shape,
  value: YamlValue | undefined,
  path: MutablePath,
  problems: ShapeProblem[],
): unknown {
  if (value === undefined || value === null) return shape.absent;
  switch (shape.type) {
    case 'object':
      return isMapping(value) ? readObject(shape, value, path, problems) : wrong('object');
    case 'list':
      return isSequence(value) ? readList(shape, value, path, problems) : wrong('array');
    case 'map':
      return isMapping(value) ? readMap(shape, value, path, problems) : wrong('object');
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? value : wrong('string');
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong('boolean');
    case 'int32':
    case 'uint32':
    case 'uint64':
      return Number.isInteger(value) ? value : wrong('integer');
    case 'double':
      return typeof value === 'number' && Number.isFinite(value) ? value : wrong('number');
    case 'enum':
      return readEnum(shape, value, path, problems);
    case 'duration':
      return readDuration(value, path, problems);
    case 'int-or-string':
      return typeof value === 'string' || Number.isInteger(value)
        ? value
        : wrong('integer or string');
    case 'any':
      return value;
  }

  function wrong(expected: string): unknown {
    problems.push(wrongType(expected, value!, path));
    return shape.absent;
  }
}

function readObject(
  shape: Shape,
  value: YamlMapping,
  path: MutablePath,
  problems: ShapeProblem[],
): Record<string, unknown> {
  const fields = shape.fields!;
  const result = { ...absentFields(shape) };
  let hasOthers = false;
  for (const [name, written] of value) {
    const field = fields.get(name);
    if (field === undefined) hasOthers = true;
    else if (written !== null) {
      path.push(name);
      result[name] = read(field, written, path, problems);
      path.pop();
    }
  }
  if (hasOthers) readOthers(shape, value, result, path, problems);
  return result;
}

/** An object in which nothing is written: to be copied, which costs less than to fill in every field. */
const absentFields = memoOf((shape: Shape) => {
  const absent: Record<string, unknown> = {};
  for (const [name, field] of shape.fields!) absent[name] = field.absent;
  return absent;
});

/** Keys that are not spelt as fields are. */
function readOthers(
  shape: Shape,
  value: YamlMapping,
  result: Record<string, unknown>,
  path: MutablePath,
  problems: ShapeProblem[],
): void {
  const fields = shape.fields!;
  for (const [key, item] of value) {
    if (fields.has(key)) continue;
    const name = camelCase(key);
    const field = fields.get(name);
    if (field !== undefined) readOtherSpelling(result, { key, name, field, item }, path, problems);
    else if (shape.isOpen !== true) problems.push(unknownField(key, shape, path));
  }
}

/** `mirror_percent` is `mirrorPercent`, as in protobuf's JSON. */
function readOtherSpelling(
  result: Record<string, unknown>,
  written: { key: string; name: string; field: Shape; item: YamlValue },
  path: MutablePath,
  problems: ShapeProblem[],
): void {
  const { key, name, field, item } = written;
  path.push(key);
  if (result[name] !== field.absent) {
    const message = `field "${key}" is already set as "${name}"`;
    problems.push({ kind: 'duplicate-field', path: [...path], part: 'key', message });
  } else {
    result[name] = read(field, item, path, problems);
  }
  path.pop();
}

function readList(
  shape: Shape,
  value: readonly YamlValue[],
  path: MutablePath,
  problems: ShapeProblem[],
): readonly unknown[] {
  const result: unknown[] = [];
  for (let index = 0; index < value.length; index++) {
    path.push(index);
    result.push(readItem(shape.item!, value[index]!, path, problems));
    path.pop();
  }
  return result;
}

function readMap(
  shape: Shape,
  value: YamlMapping,
  path: MutablePath,
  problems: ShapeProblem[],
): ReadonlyMap<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [key, written] of value) {
    path.push(key);
    result.set(key, readItem(shape.item!, written, path, problems));
    path.pop();
  }
  return result;
}

/**
 * An empty item (`- `, `x-flag:`) is an empty message or zero value, as protobuf's JSON reads it. So is
 * one of a wrong type, once reported: indexes stay those of the text.
 */
function readItem(
  shape: Shape,
  value: YamlValue,
  path: MutablePath,
  problems: ShapeProblem[],
): unknown {
  const item = read(shape, value, path, problems);
  const isMissing = item === undefined && shape.type === 'object';
  return isMissing ? readObject(shape, new Map(), path, problems) : item;
}

function readEnum(
  shape: Shape,
  value: YamlValue,
  path: MutablePath,
  problems: ShapeProblem[],
): unknown {
  if (typeof value !== 'string') {
    problems.push(wrongType('string', value, path));
    return shape.absent;
  }
  if (shape.values!.includes(value)) return value;
  const supported = shape.values!.map((name) => `"${name}"`).join(', ');
  const message = `Unsupported value: "${value}": supported values: ${supported}`;
  const hint = didYouMeanHint(value, shape.values!);
  problems.push({ kind: 'not-in-enum', path: [...path], part: 'value', message, ...hinted(hint) });
  return shape.absent;
}

function readDuration(
  value: YamlValue,
  path: MutablePath,
  problems: ShapeProblem[],
): number | undefined {
  if (typeof value !== 'string') {
    const hint = typeof value === 'number' ? `write a unit: ${value}s or ${value}ms` : undefined;
    problems.push({ ...wrongType('string', value, path), ...hinted(hint) });
    return undefined;
  }
  const ns = parseDuration(value);
  if (ns !== undefined) return ns;
  const message = `bad Duration: time: invalid duration "${value}"`;
  const hint = 'write a duration as 250ms, 1.5s, 2m or 1h';
  problems.push({ kind: 'bad-duration', path: [...path], part: 'value', message, hint });
  return undefined;
}

function wrongType(expected: string, value: YamlValue, path: MutablePath): ShapeProblem {
  const hint =
    expected === 'string' && typeof value !== 'object' ? `quote it: "${String(value)}"` : undefined;
  const message = `must be of type ${expected}, not ${kindOf(value)}`;
  return { kind: 'wrong-type', path: [...path], part: 'value', message, ...hinted(hint) };
}

function unknownField(key: string, shape: Shape, path: MutablePath): ShapeProblem {
  const full = [...path, key];
  const hint = didYouMeanHint(key, shape.fields!.keys());
  const message = `unknown field "${key}"`;
  return { kind: 'unknown-field', path: full, part: 'key', message, ...hinted(hint) };
}

function hinted(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}
