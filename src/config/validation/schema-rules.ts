import { didYouMeanHint } from '#source/did-you-mean.ts';
import type { Path } from '#source/path.ts';
import type { Rule, Shape } from '#source/shape.ts';
import { isMapping, isSequence, member, type YamlValue } from '#source/yaml-value.ts';
import { type SchemaProblem, schemaField, valueText } from './schema.ts';

/**
 * Checks the rules that stand beside a schema (CEL), from the outside in.
 *
 * @source k8s.io/apiextensions-apiserver: pkg/apiserver/schema/cel/validation.go
 */
export function ruleProblems(shape: Shape, value: YamlValue, path: Path): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  check(shape, value, { path, text: String(path[0] ?? '') }, problems);
  return problems;
}

/** A place with its text: here the keys of maps stand in brackets. */
interface At {
  readonly path: Path;
  readonly text: string;
}

function check(shape: Shape, value: YamlValue, at: At, problems: SchemaProblem[]): void {
  for (const rule of shape.limits?.rules ?? [])
    if (!rule.holds(value)) problems.push(broken(rule, value, at));
  if (isSequence(value) && shape.type === 'list') {
    value.forEach((item, index) => {
      check(shape.item!, item, below(at, index, `[${index}]`), problems);
    });
  } else if (isMapping(value)) {
    for (const [key, item] of value) {
      const isMap = shape.type === 'map';
      const child = isMap ? shape.item : schemaField(shape, key);
      if (child === undefined) continue;
      check(child, item, below(at, key, isMap ? `[${key}]` : `.${key}`), problems);
    }
  }
}

function below(at: At, step: string | number, text: string): At {
  return { path: [...at.path, step], text: at.text + text };
}

function broken(rule: Rule, value: YamlValue, { path, text }: At): SchemaProblem {
  const type = rule.inconvertible?.(value);
  if (type !== undefined) {
    const of = typeof value === 'string' ? 'string' : 'object';
    const why =
      type === 'url' ? urlProblem(value) : `type conversion error from 'string' to '${type}'`;
    const whole = `${text}: Invalid value: "${of}": ${why} evaluating rule: ${rule.message}`;
    return { code: type.endsWith('Duration') ? 'MS0123' : 'MS0130', path, text: whole };
  }
  // Objects and lists are too big to be printed.
  const shown = typeof value === 'object' ? '' : `${valueText(value)}: `;
  return { code: 'MS0130', path, text: `${text}: Invalid value: ${shown}${rule.message}` };
}

/** @source go: src/net/url/url.go, ParseRequestURI */
function urlProblem(value: YamlValue): string {
  const why = value === '' ? 'empty url' : 'invalid URI for request';
  return `URL parse error during conversion from string: parse ${valueText(value)}: ${why}`;
}

/**
 * Items of a list that is a map by some of their fields, and have the same ones.
 *
 * @source k8s.io/apiextensions-apiserver: pkg/apiserver/schema/listtype/validation.go
 */
export function duplicateProblems(shape: Shape, value: YamlValue, path: Path): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  checkDuplicates(shape, value, { path, text: String(path[0] ?? '') }, problems);
  return problems;
}

function checkDuplicates(shape: Shape, value: YamlValue, at: At, problems: SchemaProblem[]): void {
  if (isSequence(value) && shape.type === 'list') {
    const keys = shape.limits?.listMapKeys;
    // How often each was met: only the second of several is told.
    const met = new Map<string, number>();
    value.forEach((item, index) => {
      const here = below(at, index, `[${index}]`);
      const identity = keys && JSON.stringify(Object.fromEntries(keyEntries(item, keys)));
      if (identity !== undefined) met.set(identity, (met.get(identity) ?? 0) + 1);
      if (identity !== undefined && met.get(identity) === 2)
        problems.push({
          code: 'MS0130',
          path: here.path,
          text: `${here.text}: Duplicate value: ${identity}`,
        });
      checkDuplicates(shape.item!, item, here, problems);
    });
  } else if (isMapping(value)) {
    for (const [key, item] of value) {
      const isMap = shape.type === 'map';
      const child = isMap ? shape.item : schemaField(shape, key);
      if (child === undefined) continue;
      checkDuplicates(child, item, below(at, key, isMap ? `[${key}]` : `.${key}`), problems);
    }
  }
}

function keyEntries(item: YamlValue, keys: readonly string[]): [string, YamlValue | null][] {
  return keys.map((key) => [key, member(item, key) ?? null]);
}

/** The paths of fields that the schema doesn't name, sorted: the API server drops them. */
export function unknownFields(
  shape: Shape,
  value: YamlValue,
  path: Path,
): readonly SchemaProblem[] {
  const found: SchemaProblem[] = [];
  collectUnknown(shape, value, { path, text: String(path[0] ?? '') }, found);
  return found.sort((a, b) => (a.text < b.text ? -1 : 1));
}

function collectUnknown(shape: Shape, value: YamlValue, at: At, found: SchemaProblem[]): void {
  if (isSequence(value) && shape.type === 'list') {
    value.forEach((item, index) => {
      collectUnknown(shape.item!, item, below(at, index, `[${index}]`), found);
    });
  } else if (isMapping(value)) {
    for (const [key, item] of value) {
      const here = below(at, key, `.${key}`);
      const child = shape.type === 'map' ? shape.item : schemaField(shape, key);
      if (child !== undefined) collectUnknown(child, item, here, found);
      else if (shape.type === 'object' && shape.isOpen !== true) {
        const hint = didYouMeanHint(key, shape.fields!.keys());
        found.push({ code: 'MS0120', ...here, ...(hint === undefined ? {} : { hint }) });
      }
    }
  }
}
