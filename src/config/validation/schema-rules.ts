import { didYouMeanHint } from '#source/did-you-mean.ts';
import { memoOf } from '#source/memo.ts';
import type { Path } from '#source/path.ts';
import type { Limits, Rule, Shape } from '#source/shape.ts';
import { isMapping, isSequence, member, type YamlValue } from '#source/yaml-value.ts';
import { type SchemaProblem, schemaField, valueText } from './schema.ts';

/**
 * Checks the rules that stand beside a schema (CEL), from the outside in.
 *
 * @source k8s.io/apiextensions-apiserver: pkg/apiserver/schema/cel/validation.go
 */
export function ruleProblems(shape: Shape, value: YamlValue, path: Path): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  checkRules(shape, value, new Place(path), problems);
  return problems;
}

/** The place of a walk through a value, with its text: here the keys of maps stand in brackets. */
class Place {
  readonly #path: (string | number)[];
  readonly #root: Path;
  /** Of each step below the root: whether it stands in brackets. */
  readonly #isBracketed: boolean[] = [];

  constructor(root: Path) {
    this.#root = root;
    this.#path = [...root];
  }

  get path(): Path {
    return [...this.#path];
  }

  get text(): string {
    const steps = this.#isBracketed.map((isBracketed, index) => {
      const step = this.#path[this.#root.length + index];
      return isBracketed ? `[${step}]` : `.${step}`;
    });
    return `${this.#root[0] ?? ''}${steps.join('')}`;
  }

  enter(step: string | number, isBracketed: boolean): void {
    this.#path.push(step);
    this.#isBracketed.push(isBracketed);
  }

  leave(): void {
    this.#path.pop();
    this.#isBracketed.pop();
  }
}

function checkRules(shape: Shape, value: YamlValue, at: Place, problems: SchemaProblem[]): void {
  if (!hasRules(shape)) return;
  for (const rule of shape.limits?.rules ?? [])
    if (!rule.holds(value)) problems.push(broken(rule, value, at));
  walk(shape, value, at, (child, item) => checkRules(child, item, at, problems));
}

/** Every value below one that a schema describes; `at` is its place while it is visited. */
function walk(
  shape: Shape,
  value: YamlValue,
  at: Place,
  visit: (shape: Shape, value: YamlValue, index: number | undefined) => void,
): void {
  if (isSequence(value) && shape.type === 'list') {
    for (let index = 0; index < value.length; index++) {
      at.enter(index, true);
      visit(shape.item!, value[index]!, index);
      at.leave();
    }
  } else if (isMapping(value)) {
    const isMap = shape.type === 'map';
    for (const [key, item] of value) {
      const child = isMap ? shape.item : schemaField(shape, key);
      if (child === undefined) continue;
      at.enter(key, isMap);
      visit(child, item, undefined);
      at.leave();
    }
  }
}

/** Whether some shape at or below one has a limit: where none does there is nothing to look at. */
function limitBelow(has: (limits: Limits) => boolean): (shape: Shape) => boolean {
  return memoOf((shape: Shape) => reaches(shape, has, new Set()));
}

function reaches(shape: Shape, has: (limits: Limits) => boolean, seen: Set<Shape>): boolean {
  if (seen.has(shape)) return false;
  seen.add(shape);
  if (shape.limits !== undefined && has(shape.limits)) return true;
  const children = [...(shape.fields?.values() ?? []), ...(shape.item ? [shape.item] : [])];
  return children.some((child) => reaches(child, has, seen));
}

const hasRules = limitBelow(({ rules }) => rules !== undefined);
const hasKeyedLists = limitBelow(({ listMapKeys }) => listMapKeys !== undefined);

function broken(rule: Rule, value: YamlValue, { path, text }: Place): SchemaProblem {
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
  checkDuplicates(shape, value, new Place(path), problems);
  return problems;
}

function checkDuplicates(
  shape: Shape,
  value: YamlValue,
  at: Place,
  problems: SchemaProblem[],
): void {
  if (!hasKeyedLists(shape)) return;
  const keys = shape.limits?.listMapKeys;
  // How often each was met: only the second of several is told.
  const met = new Map<string, number>();
  walk(shape, value, at, (child, item, index) => {
    const identity =
      index === undefined ? undefined : keys && JSON.stringify(fromEntries(item, keys));
    if (identity !== undefined) met.set(identity, (met.get(identity) ?? 0) + 1);
    if (identity !== undefined && met.get(identity) === 2) {
      const text = `${at.text}: Duplicate value: ${identity}`;
      problems.push({ code: 'MS0130', path: at.path, text });
    }
    checkDuplicates(child, item, at, problems);
  });
}

function fromEntries(item: YamlValue, keys: readonly string[]): object {
  return Object.fromEntries(keys.map((key) => [key, member(item, key) ?? null]));
}

/** The paths of fields that the schema doesn't name, sorted: the API server drops them. */
export function unknownFields(
  shape: Shape,
  value: YamlValue,
  path: Path,
): readonly SchemaProblem[] {
  const found: SchemaProblem[] = [];
  collectUnknown(shape, value, new Place(path), found);
  return found.sort((a, b) => (a.text < b.text ? -1 : 1));
}

function collectUnknown(shape: Shape, value: YamlValue, at: Place, found: SchemaProblem[]): void {
  if (isSequence(value) && shape.type === 'list') {
    for (let index = 0; index < value.length; index++) {
      at.enter(index, true);
      collectUnknown(shape.item!, value[index]!, at, found);
      at.leave();
    }
  } else if (isMapping(value)) {
    for (const [key, item] of value) {
      at.enter(key, false);
      const child = shape.type === 'map' ? shape.item : schemaField(shape, key);
      if (child !== undefined) collectUnknown(child, item, at, found);
      else if (shape.type === 'object' && shape.isOpen !== true) {
        const hint = didYouMeanHint(key, shape.fields!.keys());
        const { path, text } = at;
        found.push({ code: 'MS0120', path, text, ...(hint === undefined ? {} : { hint }) });
      }
      at.leave();
    }
  }
}
