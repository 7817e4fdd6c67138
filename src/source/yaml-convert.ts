import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { SourceCode } from './codes.ts';
import { MAX_ALIASED_NODES, MAX_DEPTH } from './limits.ts';
import { keyOf } from './yaml-document.ts';
import { resolvePlainScalar, type YamlDialect } from './yaml-scalar.ts';
import { isMapping, isSequence, type YamlMapping, type YamlValue } from './yaml-value.ts';

/** Something wrong with a node, before it has a place. */
export interface NodeProblem {
  readonly code: SourceCode;
  readonly message: string;
  readonly node: unknown;
  readonly related?: { readonly node: unknown; readonly message: string };
  readonly hint?: string;
}

/** Turns the parsed nodes of one document into values, collecting what is wrong with them. */
export class YamlConverter {
  readonly problems: NodeProblem[] = [];
  readonly #text: string;
  readonly #dialect: YamlDialect;
  readonly #resolve: (alias: Node) => Node | undefined;
  #aliasedNodes = 0;
  #aliasDepth = 0;
  #stopped = false;

  constructor(text: string, dialect: YamlDialect, resolve: (alias: Node) => Node | undefined) {
    this.#text = text;
    this.#dialect = dialect;
    this.#resolve = resolve;
  }

  convert(node: unknown, depth = 0): YamlValue {
    if (this.#stopped || node === null || node === undefined) return null;
    if (depth > MAX_DEPTH) return this.#stop('MS0102', `nested more than ${MAX_DEPTH} deep`, node);
    if (this.#aliasDepth > 0 && ++this.#aliasedNodes > MAX_ALIASED_NODES)
      return this.#stop('MS0103', `aliases stand for more than ${MAX_ALIASED_NODES} nodes`, node);
    if (isScalar(node)) return this.#scalar(node);
    if (isMap(node)) return this.#mapping(node, depth);
    if (isSeq(node)) {
      const isFlow = node.flow === true;
      return node.items.map((item) =>
        isFlow ? this.#flowItem(item, depth + 1) : this.convert(item, depth + 1),
      );
    }
    if (isAlias(node)) return this.#alias(node, depth);
    return null;
  }

  #scalar(node: Scalar): YamlValue {
    const text = typeof node.value === 'string' ? node.value : String(node.value ?? '');
    const tag = node.tag;
    if (tag === undefined || tag === '!' || !tag.startsWith('tag:yaml.org,2002:'))
      return node.type === 'PLAIN' && tag !== '!' ? resolvePlainScalar(text, this.#dialect) : text;
    if (tag === 'tag:yaml.org,2002:str') return text;
    if (tag === 'tag:yaml.org,2002:null') return null;
    return resolvePlainScalar(text, this.#dialect);
  }

  /**
   * `[2001:db8::]`: where YAML sees a mapping with an empty value, the library below Kubernetes reads
   * text that ends in a colon.
   */
  #flowItem(node: unknown, depth: number): YamlValue {
    if (this.#dialect === 'kubernetes' && isMap(node) && node.items.length === 1) {
      const written = node.range ? this.#text.slice(node.range[0], node.range[1]) : '';
      if (/^[^\s{"'[]\S*:$/.test(written)) return written;
    }
    return this.convert(node, depth);
  }

  #mapping(node: YAMLMap, depth: number): YamlMapping {
    const result = new Map<string, YamlValue>();
    const firstKeys = new Map<string, unknown>();
    let merges: Pair[] | undefined;
    for (const pair of node.items) {
      const key = keyOf(pair.key, this.#dialect);
      if (key === undefined) {
        this.#problem('MS0104', 'the key of a mapping must be text', pair.key ?? node);
      } else if (key === '<<' && this.#isMergeKey(pair.key)) {
        merges ??= [];
        merges.push(pair);
      } else if (firstKeys.has(key)) {
        this.#duplicate(key, pair.key, firstKeys.get(key));
      } else {
        firstKeys.set(key, pair.key);
        result.set(key, this.convert(pair.value, depth + 1));
      }
    }
    for (const pair of merges ?? []) this.#merge(result, pair, depth);
    return result;
  }

  #isMergeKey(key: unknown): boolean {
    return this.#dialect === 'kubernetes' && isScalar(key) && key.type === 'PLAIN';
  }

  /** What a mapping says itself goes before what it merges; of several merges, the first. */
  #merge(into: Map<string, YamlValue>, pair: Pair, depth: number): void {
    const value = this.convert(pair.value, depth + 1);
    const sources = isSequence(value) ? value : [value];
    for (const source of sources) {
      if (!isMapping(source)) {
        this.#problem(
          'MS0105',
          'map merge requires map or sequence of maps as the value',
          pair.key,
        );
        return;
      }
      for (const [key, item] of source) if (!into.has(key)) into.set(key, item);
    }
  }

  #alias(node: Node, depth: number): YamlValue {
    const target = this.#resolve(node);
    if (target === undefined) {
      const name = isAlias(node) ? node.source : '';
      this.#problem('MS0103', `unknown anchor '${name}' referenced`, node);
      return null;
    }
    this.#aliasDepth++;
    // An anchor that contains its own alias ends at the depth limit.
    const value = this.convert(target, depth + 1);
    this.#aliasDepth--;
    return value;
  }

  #duplicate(key: string, node: unknown, first: unknown): void {
    const related = { node: first, message: 'it stands here first' };
    const message = `key "${key}" already set in map`;
    this.problems.push({ code: 'MS0101', message, node, related });
  }

  #stop(code: SourceCode, message: string, node: unknown): null {
    this.#stopped = true;
    this.#problem(code, message, node);
    return null;
  }

  #problem(code: SourceCode, message: string, node: unknown): void {
    this.problems.push({ code, message, node });
  }
}
