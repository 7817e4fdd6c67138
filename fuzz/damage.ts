import { type Document, isNode, type Node, parseAllDocuments, visit } from 'yaml';
import type { Random } from '#kernel/random.ts';

/** Values that have a way of being forgotten. */
const ODD_VALUES: readonly unknown[] = [
  ...[null, true, '', 0, -1, 1.5, 1e308, 2 ** 53, 99_999_999_999, 1, 2, 100, 65_536, 0.001],
  ...[[], {}, [null], [[]], [{}], ['*'], { __proto__x: 1 }, { constructor: 1 }, { a: null }],
  ...['*', '*.', '.', '/', '..', '../..', 'x', 'a'.repeat(300), '__proto__', 'constructor', '-'],
  ...['0s', '-1s', '1ms', '1ns', '0.5s', '9999999h', '1e30s', '0%', '-5%', '50%', '100%', '101%'],
  ...['([', '(a+)+$', '.*', '(?i)x', 'a{1001}', '10.0.0.0/33', '0.0.0.0/0', '::1', '1.2.3.4'],
  ...[
    '${x}',
    '${seed}',
    '$(x)',
    '%REQ(',
    '%%',
    '%START_TIME(%',
    '0/s',
    '1/s',
    '1e9/s',
    '> 1',
    '~1',
  ],
  ...['\u202e', '\u0000', '\ud800', '😀', '"', "'", '\\', '\n', '{', '}}', '\t', '#', '&a', '<<'],
];
const ODD_CHARACTERS = '\0\t\n\r "\'#&*:-{}[],|>%@`\\\u2028\ufeff0aé😀';

/** One of several. */
export function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}

/** A YAML text with a few of its values exchanged, its lines moved, or its characters changed. */
export function damagedYaml(text: string, random: Random): string {
  let damaged = text;
  for (let left = 1 + random.below(3); left > 0; left--) {
    const kind = random.below(10);
    if (kind < 7) damaged = withOtherValue(damaged, random);
    else if (kind < 9) damaged = withOtherLine(damaged, random);
    else damaged = withOtherCharacter(damaged, random);
  }
  return damaged;
}

/** Puts an odd value, or one from elsewhere in the text, in the place of a node; takes it away; doubles it. */
function withOtherValue(text: string, random: Random): string {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents) || documents.length === 0) return text;
  const document = oneOf(random, documents);
  const nodes = nodesOf(document);
  if (nodes.length === 0) return text;
  const chosen = oneOf(random, nodes);
  const kind = random.below(12);
  const other = (): Node =>
    kind < 3
      ? (oneOf(random, nodes).clone() as Node) // A copy of a node is one.
      : document.createNode(oneOf(random, ODD_VALUES));
  visit(document, (_, node) => {
    if (node !== chosen) return undefined;
    return kind === 0 ? visit.REMOVE : other();
  });
  try {
    return documents.map((it) => it.toString()).join('');
  } catch {
    return text; // What has no text, such as an alias before its anchor.
  }
}

function nodesOf(document: Document): Node[] {
  const nodes: Node[] = [];
  visit(document, (key, node) => {
    // Keys, too, but seldom.
    if (isNode(node) && (key !== 'key' || nodes.length % 5 === 0)) nodes.push(node);
  });
  return nodes;
}

function withOtherLine(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  const changed = oneOf(random, [
    () => [],
    () => [line, line],
    () => [`  ${line}`],
    () => [line.replace(/^ {2}/, '')],
    () => [oneOf(random, lines), line],
    () => [`---\n${line}`],
    () => [line.replace(/:.*/, `: ${JSON.stringify(oneOf(random, ODD_VALUES))}`)],
  ])();
  lines.splice(at, 1, ...changed);
  return lines.join('\n');
}

function withOtherCharacter(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const odd = oneOf(random, [...ODD_CHARACTERS]);
  return text.slice(0, at) + odd + text.slice(at + random.below(2));
}

/** The same of a JSON text. */
export function damagedJson(text: string, random: Random): string {
  if (random.below(20) === 0) return withOtherCharacter(text, random);
  const value: unknown = JSON.parse(text);
  for (let left = 1 + random.below(3); left > 0; left--) exchangeInside(value, random);
  return JSON.stringify(value, undefined, 1);
}

/** Goes down at random, and exchanges what it comes to. */
function exchangeInside(value: unknown, random: Random): void {
  if (typeof value !== 'object' || value === null) return;
  const keys = Object.keys(value);
  if (keys.length === 0) return;
  const holder = value as Record<string, unknown>;
  const key = oneOf(random, keys);
  const inner = holder[key];
  const isDeep = typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0;
  const kind = random.below(8);
  if (isDeep && random.below(6) > 0) exchangeInside(inner, random);
  else if (kind === 0) delete holder[key];
  else if (kind === 1) holder[key] = holder[oneOf(random, keys)];
  else holder[key] = oneOf(random, ODD_VALUES);
}
