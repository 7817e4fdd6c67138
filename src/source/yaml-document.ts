import { isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Place } from './diagnostic.ts';
import { camelCase, type Path } from './path.ts';
import type { TextPart } from './yaml-parts.ts';
import { resolvePlainScalar, type YamlDialect } from './yaml-scalar.ts';
import type { YamlValue } from './yaml-value.ts';

/** One YAML document: what it says, and where each value stands. Places are computed when asked for. */
export interface YamlDocument {
  readonly value: YamlValue;
  /**
   * The place of the value at `path`, or of its key. Where the path leads beyond what is written, the
   * deepest part that is. A camelCase step also finds the snake_case key.
   */
  placeOf(path: Path, part?: 'value' | 'key'): Place;
  /** The place of a value below another document's root, e.g. of an item of a `kind: List`. */
  at(path: Path): YamlDocument;
}

/** The key of a pair, as text; `undefined` for a key that is a collection. */
export function keyOf(node: unknown, dialect: YamlDialect): string | undefined {
  if (!isScalar(node)) return undefined;
  const text = String(node.value ?? '');
  if (dialect === 'yaml-1.2' || node.type !== 'PLAIN') return text;
  // Kubernetes turns keys into JSON: `on:` becomes "true", `08080:` a number's text.
  const value = resolvePlainScalar(text, dialect);
  return value === null ? text : String(value);
}

/** Finds the nodes of one parsed document by path. */
export class YamlPlaces {
  readonly #file: TextPart;
  readonly #root: Node | null;
  readonly #resolve: (alias: Node) => Node | undefined;
  readonly #dialect: YamlDialect;

  constructor(
    file: TextPart,
    root: Node | null,
    resolve: (alias: Node) => Node | undefined,
    dialect: YamlDialect,
  ) {
    this.#file = file;
    this.#root = root;
    this.#resolve = resolve;
    this.#dialect = dialect;
  }

  placeOf(path: Path, part: 'value' | 'key'): Place {
    let node: unknown = this.#root;
    let key: unknown;
    let found: unknown = node;
    for (const step of path) {
      const here = this.#target(node);
      if (isMap(here)) {
        const pair = this.#pairOf(here, String(step));
        if (pair === undefined) break;
        key = pair.key;
        node = pair.value;
      } else if (isSeq(here) && typeof step === 'number' && step < here.items.length) {
        key = undefined;
        node = here.items[step];
      } else break;
      // An absent value (`timeout:`) has no extent of its own: its key stands for it.
      found = part === 'key' ? (key ?? node) : hasExtent(node) ? node : (key ?? node);
    }
    return this.#placeOfNode(found);
  }

  #placeOfNode(node: unknown): Place {
    const range = (node as Node | null | undefined)?.range ?? [0, 1];
    return this.#file.placeOf(range[0], range[1]);
  }

  #target(node: unknown): unknown {
    return isAlias(node) ? this.#resolve(node) : node;
  }

  #pairOf(map: YAMLMap, step: string): Pair | undefined {
    let other: Pair | undefined;
    for (const pair of map.items) {
      const key = isPair(pair) ? keyOf(pair.key, this.#dialect) : undefined;
      if (key === step) return pair;
      if (key !== undefined && camelCase(key) === step) other = pair;
      if (key === '<<' && this.#dialect === 'kubernetes') other ??= this.#mergedPair(pair, step);
    }
    return other;
  }

  #mergedPair(merge: Pair, step: string): Pair | undefined {
    const source = this.#target(merge.value);
    const maps = isSeq(source) ? source.items.map((item) => this.#target(item)) : [source];
    for (const map of maps) {
      const pair = isMap(map)
        ? map.items.find((p) => keyOf(p.key, this.#dialect) === step)
        : undefined;
      if (pair !== undefined) return pair;
    }
    return undefined;
  }
}

function hasExtent(node: unknown): boolean {
  const range = (node as Node | null | undefined)?.range;
  return range !== undefined && range !== null && range[1] > range[0];
}
