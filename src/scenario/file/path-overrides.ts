import { didYouMeanHint } from '#source/did-you-mean.ts';
import { scalarOf } from './parameters.ts';
import { SCENARIO_KEYS } from './scenario-keys.ts';
import { childOf, type Entry, type MappingNode, type ScenarioNode } from './scenario-node.ts';
import type { Report } from './shape.ts';

/** `--set` of parameters, and of values of the file by their path: `clients.shop.load.rate=80/s`. */
export interface Overrides {
  readonly parameters: ReadonlyMap<string, string>;
  readonly paths: ReadonlyMap<string, string>;
}

/** What is meant: a declared parameter first, else a path that starts with a key of scenarios. */
export function sortedOverrides(tree: ScenarioNode, given: ReadonlyMap<string, string>): Overrides {
  const params = childOf(tree, 'params');
  const parameters = new Map<string, string>();
  const paths = new Map<string, string>();
  const keys = new Set(Object.keys(SCENARIO_KEYS));
  for (const [name, text] of given) {
    const isParameter = childOf(params, name) !== undefined;
    const isPath = !isParameter && keys.has(name.split('.')[0] ?? '');
    (isPath ? paths : parameters).set(name, text);
  }
  return { parameters, paths };
}

/** The tree with the values at these paths replaced. What leads nowhere is an error. */
export function withPathOverrides(
  tree: ScenarioNode,
  paths: ReadonlyMap<string, string>,
  report: Report,
): ScenarioNode {
  let changed = tree;
  for (const [path, text] of paths) {
    const next = replaced(changed, path, text);
    if ('node' in next) changed = next.node;
    else report.error('MS0207', next.at, `--set ${path}: ${next.problem}`, next.hint);
  }
  return changed;
}

/** The value at a path, as text; undefined where there is none or no single one. */
export function textAt(tree: ScenarioNode, path: string): string | undefined {
  if (path === '')
    return tree.kind === 'scalar' && tree.value !== null ? String(tree.value) : undefined;
  const step = stepInto(tree, path);
  return step?.child === undefined ? undefined : textAt(step.child, step.rest);
}

interface Step {
  readonly key: string;
  /** Undefined: a key that the mapping does not have yet. */
  readonly child: ScenarioNode | undefined;
  /** Of the path; '' at its end. */
  readonly rest: string;
}

/**
 * One step of a path. Names may have dots in them (`external.api.example.com.latency`): of the keys that
 * are there, the longest that the path begins with is meant.
 */
function stepInto(node: ScenarioNode, path: string): Step | undefined {
  const keys = keysOf(node).filter((key) => path === key || path.startsWith(`${key}.`));
  const key = keys.sort((a, b) => b.length - a.length)[0];
  if (key !== undefined) {
    const rest = path.slice(key.length + 1);
    return { key, child: childAt(node, key), rest };
  }
  if (node.kind !== 'mapping' || path.includes('.')) return undefined;
  return { key: path, child: undefined, rest: '' };
}

function keysOf(node: ScenarioNode): string[] {
  if (node.kind === 'mapping') return [...node.entries.keys()];
  return node.kind === 'sequence' ? node.items.map((_, index) => String(index)) : [];
}

function childAt(node: ScenarioNode, key: string): ScenarioNode | undefined {
  return node.kind === 'sequence' ? node.items[Number(key)] : childOf(node, key);
}

type Replaced =
  | { readonly node: ScenarioNode }
  | { readonly problem: string; readonly hint: string; readonly at: ScenarioNode['at'] };

function replaced(node: ScenarioNode, path: string, text: string, depth = 0): Replaced {
  if (path === '') return { node: { ...placeOf(node), kind: 'scalar', value: scalarOf(text) } };
  const step = stepInto(node, path) ?? newStep(node, path, depth);
  if (step === undefined) return leadsNowhere(node, path);
  const child = step.child ?? { ...placeOf(node), kind: 'mapping', entries: new Map() };
  const below = replaced(child, step.rest, text, depth + 1);
  return 'problem' in below ? below : { node: withChild(node, step.key, below.node) };
}

function placeOf({ at, document }: ScenarioNode): Pick<ScenarioNode, 'at' | 'document'> {
  return { at, document };
}

/** Names of workloads and clients must be there: what lies below them may be new. */
const NAMED_DEPTH = 2;

/** A key that leads on, and is not there yet: `workloads.stock.errors.503`. */
function newStep(node: ScenarioNode, path: string, depth: number): Step | undefined {
  if (node.kind !== 'mapping' || depth < NAMED_DEPTH) return undefined;
  const [key = ''] = path.split('.');
  return { key, child: undefined, rest: path.slice(key.length + 1) };
}

function leadsNowhere(node: ScenarioNode, path: string): Replaced {
  const wanted = path.split('.')[0] ?? path;
  const known = keysOf(node);
  const hint =
    didYouMeanHint(wanted, known) ??
    (known.length === 0 ? 'there is a single value here' : `there are ${known.join(', ')}`);
  return { problem: `there is no "${wanted}"`, hint, at: node.at };
}

function withChild(node: ScenarioNode, key: string, child: ScenarioNode): ScenarioNode {
  if (node.kind === 'sequence')
    return {
      ...node,
      items: node.items.map((item, index) => (String(index) === key ? child : item)),
    };
  return node.kind === 'mapping' ? withEntry(node, key, child) : node;
}

function withEntry(node: MappingNode, key: string, child: ScenarioNode): MappingNode {
  const entries = new Map<string, Entry>(node.entries);
  entries.set(key, { keyAt: node.entries.get(key)?.keyAt ?? node.at, node: child });
  return { ...node, entries };
}
