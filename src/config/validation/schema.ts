import { camelCase, type Path } from '#source/path.ts';
import type { Limits, Shape } from '#source/shape.ts';
import { isMapping, isSequence, type YamlMapping, type YamlValue } from '#source/yaml-value.ts';
import { floatText, quoted } from './go-format.ts';

/** What an API server refuses by an object's OpenAPI schema, with its path and its text. */
export interface SchemaProblem {
  /** `MS0130`, or that of the reader, which says the same of types, enumerations and unknown fields. */
  readonly code: 'MS0120' | 'MS0121' | 'MS0122' | 'MS0123' | 'MS0130';
  readonly path: Path;
  /** The text with its path, as the API server prints it. */
  readonly text: string;
  readonly hint?: string;
}

/**
 * Checks a written value against its shape as the API server does: types, required fields, oneOfs,
 * limits and enumerations.
 *
 * @source k8s.io/kube-openapi: pkg/validation/validate/schema.go;
 *   k8s.io/apiextensions-apiserver: pkg/apiserver/validation/validation.go
 */
export function schemaProblems(shape: Shape, value: YamlValue, path: Path): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  check(shape, value, [...path], problems);
  return problems;
}

/** `path` leads to the value, and is the caller's again afterwards. */
function check(shape: Shape, value: YamlValue, path: Walked, problems: SchemaProblem[]): void {
  if (value === null && shape.isNullable === true) return;
  checkType(shape, value, path, problems);
  if (shape.limits?.oneOf !== undefined) checkOneOf(shape.limits, value, path, problems);
  if (isLimited(shape)) checkLimits(shape, value, path, problems);
  if (shape.values !== undefined && !shape.values.includes(value as string)) {
    const supported = shape.values.map(quoted).join(', ');
    const text = `${dotted(path)}: Unsupported value: ${valueText(value)}: supported values: ${supported}`;
    problems.push({ code: 'MS0122', path: [...path], text });
  }
  if (isSequence(value) && shape.type === 'list') checkItems(shape.item!, value, path, problems);
  if (isMapping(value)) checkMembers(shape, value, path, problems);
}

type Walked = (string | number)[];

/**
 * Whether a value has its field's type. Of a field with a format that of the value is told; a number that
 * does not fit is told of twice.
 *
 * @source k8s.io/kube-openapi: pkg/validation/validate/type.go, Validate; values.go, IsValueValidAgainstRange
 */
function checkType(shape: Shape, value: YamlValue, path: Walked, problems: SchemaProblem[]): void {
  const type = schemaType(shape);
  const actual = jsonType(value);
  const format = FORMATS.get(shape.type);
  const fits = type === undefined || actual === type || (type === 'number' && actual === 'integer');
  // A list passes for text that has a format.
  if (!fits && !(shape.type === 'bytes' && actual === 'array')) {
    const isPlain = format === undefined || PLAIN.has(actual);
    const [wanted, got] = isPlain ? [type, actual] : [format, formatOf(value)];
    const detail = `${dotted(path)} in body must be of type ${wanted}: ${quoted(got)}`;
    problems.push({ ...invalid(path, quoted(got), detail), code: 'MS0121' });
  }
  if (shape.type === 'bytes' && typeof value === 'string' && !BASE64.test(value)) {
    const detail = `${dotted(path)} in body must be of type byte: ${quoted(value)}`;
    problems.push(invalid(path, quoted(value), detail));
  }
  if (type !== 'integer' || typeof value !== 'number') return;
  if (actual === 'integer' && (format !== 'int32' || Math.trunc(value) === (value | 0))) return;
  const of = format === undefined ? '(default format)' : `with format ${format}`;
  const text = `<nil>: Invalid value: "": Checked value must be of type integer ${of} in ${dotted(path)}`;
  problems.push({ code: 'MS0121', path: [...path], text });
}

/** Nothing is none. @source github.com/asaskevich/govalidator: patterns.go, Base64 */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;

/** Of the types that have one in Istio's schemas. */
const FORMATS: ReadonlyMap<Shape['type'], string> = new Map([
  ['int32', 'int32'],
  ['double', 'double'],
  ['bytes', 'byte'],
]);
/** Values whose type is told, whatever the format. */
const PLAIN: ReadonlySet<string> = new Set(['string', 'array', 'null']);

function formatOf(value: YamlValue): string {
  if (typeof value !== 'number') return '';
  return jsonType(value) === 'integer' ? 'int64' : 'float64';
}

function isLimited({ limits, type }: Shape): boolean {
  return limits !== undefined || type === 'uint32' || type === 'uint64';
}

function checkItems(
  item: Shape,
  values: readonly YamlValue[],
  path: Walked,
  problems: SchemaProblem[],
): void {
  for (let index = 0; index < values.length; index++) {
    path.push(index);
    check(item, values[index]!, path, problems);
    path.pop();
  }
}

function checkMembers(
  shape: Shape,
  value: YamlMapping,
  path: Walked,
  problems: SchemaProblem[],
): void {
  for (const [key, item] of value) {
    const member = shape.type === 'map' ? shape.item : schemaField(shape, key);
    if (member === undefined) continue;
    path.push(key);
    check(member, item, path, problems);
    path.pop();
  }
  for (const key of shape.limits?.required ?? []) {
    if (value.has(key)) continue;
    const at = [...path, key];
    problems.push({ code: 'MS0130', path: at, text: `${dotted(at)}: Required value` });
  }
}

function checkOneOf(
  limits: Limits | undefined,
  value: YamlValue,
  path: Path,
  problems: SchemaProblem[],
): void {
  const groups = limits?.oneOf ?? [];
  let failed = 0;
  for (const group of groups) {
    // What is no object lacks no field: it meets every alternative that asks for one.
    const count = isMapping(value) ? group.filter((key) => value.has(key)).length : group.length;
    if (count < 2) continue;
    failed++;
    const found = `must validate one and only one schema (oneOf). Found ${count} valid alternatives`;
    problems.push(nameless(path, `${quoted(dotted(path))} ${found}`));
  }
  if (groups.length < 2 || failed === 0) return;
  const none = failed === groups.length ? '. None validated' : '';
  problems.push(
    nameless(path, `${quoted(dotted(path))} must validate all the schemas (allOf)${none}`),
  );
}

/** The API server finds no field name in a failed combination: it prints `<nil>`. */
function nameless(path: Path, detail: string): SchemaProblem {
  return { code: 'MS0130', path: [...path], text: `<nil>: Invalid value: "": ${detail}` };
}

function checkLimits(shape: Shape, value: YamlValue, path: Path, problems: SchemaProblem[]): void {
  const limits = shape.limits ?? {};
  const refuse = (detail: string, shown: string) => {
    problems.push(invalid(path, shown, `${dotted(path)} in body ${detail}`));
  };
  if (typeof value === 'number') checkNumber(shape, value, refuse);
  if (typeof value === 'string') {
    const isMeasured = limits.minLength !== undefined || limits.maxLength !== undefined;
    const length = isMeasured ? [...value].length : 0;
    if (length < (limits.minLength ?? 0))
      refuse(`should be at least ${limits.minLength} chars long`, quoted(value));
    if (limits.maxLength !== undefined && length > limits.maxLength)
      problems.push({
        code: 'MS0130',
        path: [...path],
        text: `${dotted(path)}: ${tooLong(limits.maxLength)}`,
      });
    if (limits.pattern !== undefined && !compiled(limits.pattern).test(value))
      refuse(`should match '${limits.pattern}'`, quoted(value));
  }
  if (isSequence(value)) {
    if (value.length < (limits.minItems ?? 0))
      refuse(`should have at least ${limits.minItems} items`, String(value.length));
    if (limits.maxItems !== undefined && value.length > limits.maxItems)
      problems.push(tooMany(path, value.length, limits.maxItems));
  }
  if (isMapping(value)) {
    if (value.size < (limits.minProperties ?? 0))
      refuse(`should have at least ${limits.minProperties} properties`, String(value.size));
    if (limits.maxProperties !== undefined && value.size > limits.maxProperties)
      problems.push(tooMany(path, value.size, limits.maxProperties));
  }
}

/** Schemas have few patterns, and objects many values. */
const patterns = new Map<string, RegExp>();

function compiled(pattern: string): RegExp {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern);
    patterns.set(pattern, expression);
  }
  return expression;
}

function checkNumber(
  shape: Shape,
  value: number,
  refuse: (detail: string, shown: string) => void,
): void {
  const isUnsigned = shape.type === 'uint32' || shape.type === 'uint64';
  const minimum = shape.limits?.minimum ?? (isUnsigned ? 0 : undefined);
  const maximum = shape.limits?.maximum ?? (shape.type === 'uint32' ? 4294967295 : undefined);
  if (maximum !== undefined && value > maximum)
    refuse(`should be less than or equal to ${maximum}`, floatText(value));
  if (minimum !== undefined && value < minimum)
    refuse(`should be greater than or equal to ${minimum}`, floatText(value));
}

function tooLong(maximum: number): string {
  return `Too long: may not be more than ${maximum} bytes`;
}

function tooMany(path: Path, count: number, maximum: number): SchemaProblem {
  const text = `${dotted(path)}: Too many: ${count}: must have at most ${maximum} items`;
  return { code: 'MS0130', path: [...path], text };
}

function invalid(path: Path, value: string, detail: string): SchemaProblem {
  const text = `${dotted(path)}: Invalid value: ${value}: ${detail}`;
  return { code: 'MS0130', path: [...path], text };
}

/** The field that a schema has under a name: exactly, or by a snake_case name of its own. */
export function schemaField(shape: Shape, key: string): Shape | undefined {
  const aliases = shape.limits?.aliases;
  return shape.fields?.get(aliases?.includes(key) === true ? camelCase(key) : key);
}

/** A value as the API server prints it: what is no scalar as JSON, its keys in order. */
export function valueText(value: YamlValue): string {
  if (typeof value === 'string') return quoted(value);
  if (isSequence(value)) return `[${value.map(valueText).join(',')}]`;
  if (isMapping(value)) {
    const keys = [...value.keys()].sort();
    return `{${keys.map((key) => `${quoted(key)}:${valueText(value.get(key)!)}`).join(',')}}`;
  }
  return typeof value === 'number' ? floatText(value) : String(value);
}

/** `spec.http[0].match[0].headers.x-flag`. */
export function dotted(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`,
    )
    .join('');
}

function schemaType(shape: Shape): string | undefined {
  switch (shape.type) {
    case 'string':
    case 'enum':
    case 'duration':
    case 'bytes':
      return 'string';
    case 'int32':
    case 'uint32':
    case 'uint64':
      return 'integer';
    case 'double':
      return 'number';
    case 'list':
      return 'array';
    case 'map':
    case 'object':
      return 'object';
    case 'boolean':
      return 'boolean';
    case 'int-or-string':
    case 'any':
      return undefined;
  }
}

/** Numbers beyond 64 bits are read as fractions. */
const MAX_INTEGER = 2 ** 63;

function jsonType(value: YamlValue): string {
  if (value === null) return 'null';
  if (isSequence(value)) return 'array';
  if (isMapping(value)) return 'object';
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < MAX_INTEGER ? 'integer' : 'number';
  return typeof value;
}
