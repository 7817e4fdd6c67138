import type { Place } from '#source/diagnostic.ts';
import type { Path } from '#source/path.ts';
import type { YamlDocument } from '#source/yaml-document.ts';
import { isMapping, isSequence, member, type YamlValue } from '#source/yaml-value.ts';

/**
 * One value of a scenario file with its place. Values of several files (`extends`) and parameters that
 * were filled in live in one tree, each with the place where it is written.
 */
export type ScenarioNode = MappingNode | SequenceNode | ScalarNode;

interface Placed {
  readonly at: Place;
  /** The document below this node, for parts that others read (inline manifests, meshConfig). */
  readonly document: YamlDocument;
}

export interface MappingNode extends Placed {
  readonly kind: 'mapping';
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface SequenceNode extends Placed {
  readonly kind: 'sequence';
  readonly items: readonly ScenarioNode[];
}

export interface ScalarNode extends Placed {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
}

export interface Entry {
  readonly keyAt: Place;
  readonly node: ScenarioNode;
}

/** The tree of a document. */
export function scenarioNode(document: YamlDocument): ScenarioNode {
  return nodeAt(document, document.value, []);
}

function nodeAt(document: YamlDocument, value: YamlValue, path: Path): ScenarioNode {
  const at = document.placeOf(path);
  const below = path.length === 0 ? document : document.at(path);
  if (isMapping(value)) {
    const entries = new Map<string, Entry>();
    for (const [key, child] of value) {
      const childPath = [...path, key];
      entries.set(key, {
        keyAt: document.placeOf(childPath, 'key'),
        node: nodeAt(document, child, childPath),
      });
    }
    return { kind: 'mapping', at, document: below, entries };
  }
  if (isSequence(value)) {
    const items = value.map((child, index) => nodeAt(document, child, [...path, index]));
    return { kind: 'sequence', at, document: below, items };
  }
  return { kind: 'scalar', at, document: below, value };
}

/** The document of a node that others read, with parameters filled in; places are those of the text. */
export function writtenDocument(node: ScenarioNode): YamlDocument {
  return documentOf(yamlValueOf(node), node.document);
}

function documentOf(value: YamlValue, places: YamlDocument): YamlDocument {
  return {
    value,
    placeOf: (path, part) => places.placeOf(path, part),
    at: (path) => documentOf(valueAt(value, path), places.at(path)),
  };
}

function valueAt(value: YamlValue, path: Path): YamlValue {
  let found: YamlValue | undefined = value;
  for (const step of path)
    found = isSequence(found) ? found[Number(step)] : member(found, String(step));
  return found ?? null;
}

function yamlValueOf(node: ScenarioNode): YamlValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'sequence') return node.items.map(yamlValueOf);
  return new Map([...node.entries].map(([key, entry]) => [key, yamlValueOf(entry.node)]));
}

/** The node at a key, or nothing when there is none or the node is no mapping. */
export function childOf(node: ScenarioNode | undefined, key: string): ScenarioNode | undefined {
  return node?.kind === 'mapping' ? node.entries.get(key)?.node : undefined;
}

/** A node in the words of a message. */
export function describeNode(node: ScenarioNode): string {
  if (node.kind === 'mapping') return 'a mapping';
  if (node.kind === 'sequence') return 'a list';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? JSON.stringify(node.value) : String(node.value);
}
