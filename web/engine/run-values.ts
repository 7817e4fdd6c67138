import type { Place } from '#source/diagnostic.ts';
import { type ReadDocument, readYaml } from '#source/yaml-read.ts';
import {
  isMapping,
  isSequence,
  textMember,
  type YamlMapping,
  type YamlValue,
} from '#source/yaml-value.ts';
import { isOfPods } from './of-pods.ts';
import type { Project } from './protocol.ts';
import { isRunValue } from './run-value-rules.ts';

/** A number in a file on which the run depends: it can be dragged. */
export interface RunValue {
  /** `weight v2`, `attempts`, `catalog-v1 latency p50`. */
  readonly name: string;
  /** `VirtualService catalog`; '' for the scenario. */
  readonly object: string;
  /** The digits, without quotes and unit. */
  readonly at: Place;
  readonly value: number;
  /** `ms`, `%`, `/s`; '' for a plain number. */
  readonly unit: string;
  readonly most: number;
  readonly step: number;
  /** Weights of one route have the same text here; '' for everything else. */
  readonly route: string;
}

/** More are not offered: rules come first, then the scenario, then how many pods there are. */
const MOST_VALUES = 400;
const WRITTEN = /^["']?(\d+(?:\.\d+)?)(us|ms|s|m|h|%|\/s|\/m|\/h)?["']?$/;

/** All of a project, file by file in the order of lines. What does not parse has none. */
export function runValuesOf({ scenario, files }: Project): readonly RunValue[] {
  const values: RunValue[] = [];
  for (const [file, text] of Object.entries(files)) {
    if (!/\.(ya?ml)$/.test(file)) continue;
    const lines = text.split('\n');
    const dialect = file === scenario ? 'yaml-1.2' : 'kubernetes';
    for (const document of readYaml(file, text, dialect).documents) {
      const isScenario = file === scenario;
      values.push(...valuesIn(document, lines, isScenario ? SCENARIO : undefined));
    }
  }
  if (values.length <= MOST_VALUES) return values;
  const ranked = [...values].sort((a, b) => rankOf(a) - rankOf(b));
  const kept = new Set(ranked.slice(0, MOST_VALUES));
  return values.filter((value) => kept.has(value));
}

function rankOf(value: RunValue): number {
  if (value.object === '') return 1;
  return isOfPods(value) ? 2 : 0;
}

/** The object that a value is in, and the path of that object in its document. */
interface Owner {
  readonly kind: string;
  readonly object: string;
  readonly depth: number;
}

const SCENARIO: Owner = { kind: '', object: '', depth: 0 };

type Keys = readonly (string | number)[];

function valuesIn(
  document: ReadDocument,
  lines: readonly string[],
  outermost: Owner | undefined,
): readonly RunValue[] {
  const found: RunValue[] = [];
  const visit = (value: YamlValue, path: Keys, owner: Owner | undefined, above: YamlMapping[]) => {
    if (isMapping(value)) {
      const inside = ownerAt(value, path.length) ?? owner;
      for (const [key, below] of value) visit(below, [...path, key], inside, [...above, value]);
    } else if (isSequence(value)) {
      for (const [index, item] of value.entries()) visit(item, [...path, index], owner, above);
    } else if (owner !== undefined && isRunValue(owner.kind, pathText(path.slice(owner.depth)))) {
      const written = writtenAt(document.placeOf(path), lines);
      if (written !== undefined) found.push(runValueOf(path, owner, above, written));
    }
  };
  visit(document.value, [], outermost, []);
  return found;
}

/** An object of Kubernetes, of a file or within the scenario. */
function ownerAt(value: YamlMapping, depth: number): Owner | undefined {
  const kind = textMember(value, 'kind');
  if (kind === undefined || !value.has('apiVersion')) return undefined;
  const name = textMember(value.get('metadata'), 'name') ?? '';
  return { kind, object: `${kind} ${name}`, depth };
}

function pathText(path: Keys): string {
  return path.map((key) => (typeof key === 'number' ? '#' : key)).join('/');
}

interface Written {
  readonly at: Place;
  readonly digits: string;
  readonly unit: string;
}

function writtenAt(at: Place, lines: readonly string[]): Written | undefined {
  const text = lines[at.line - 1]?.slice(at.column - 1, at.column - 1 + at.length) ?? '';
  const [, digits, unit = ''] = WRITTEN.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const quote = /^["']/.test(text) ? 1 : 0;
  return { at: { ...at, column: at.column + quote, length: digits.length }, digits, unit };
}

function runValueOf(
  path: Keys,
  owner: Owner,
  above: readonly YamlMapping[],
  { at, digits, unit }: Written,
): RunValue {
  const value = Number(digits);
  const keys = path.slice(owner.depth);
  const isWeight = keys.at(-1) === 'weight' && keys.length > 2;
  return {
    name: isWeight ? `weight ${weighed(above.at(-1))}`.trim() : nameOf(keys, owner),
    object: owner.object,
    at,
    value,
    unit,
    most: isWeight || isPercentage(keys, unit) ? Math.max(100, value) : niceAbove(value * 3),
    step: stepOf(digits, unit),
    route: isWeight ? `${at.file} ${path.slice(0, -2).join('/')} ${owner.object}` : '',
  };
}

/** What a weight sends requests to: the subset, else the host. */
function weighed(route: YamlMapping | undefined): string {
  const destination = route?.get('destination') ?? route;
  const subset = textMember(destination, 'subset');
  const host = textMember(destination, 'host') ?? textMember(destination, 'name') ?? '';
  return subset ?? host.split('.')[0] ?? '';
}

/** Keys of a scenario say whose value it is; of a manifest the last one does, as a rule. */
function nameOf(keys: Keys, { kind }: Owner): string {
  const names = keys.map((key) => (typeof key === 'number' ? `${key + 1}` : key));
  const last = names.at(-1) ?? '';
  if (kind === '') {
    const [section = '', ...rest] = names;
    if (section === 'timeline') return `step ${rest.filter((name) => name !== 'set').join(' ')}`;
    const said = rest.filter((name) => name !== 'load');
    return /^(workloads|clients)$/.test(section) ? said.join(' ') : [section, ...said].join(' ');
  }
  if (last === 'value') return `${names.at(-3)} ${names.at(-2)}`.replace(/^\S+ (?=mirrorP)/, '');
  if (last === 'percent') return `${names.at(-2)} percent`;
  if (names.at(-2) === 'to') return `share of ${last}`;
  return last;
}

function isPercentage(keys: Keys, unit: string): boolean {
  const last = String(keys.at(-1));
  return unit === '%' || /percent$/i.test(last) || String(keys.at(-2)) === 'percentage';
}

function stepOf(digits: string, unit: string): number {
  const decimals = digits.split('.')[1]?.length ?? 0;
  if (decimals > 0) return 10 ** -Math.min(3, decimals);
  return unit === 's' && Number(digits) <= 2 ? 0.1 : 1;
}

function niceAbove(value: number): number {
  if (value <= 10) return 10;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= value) ?? value;
}
