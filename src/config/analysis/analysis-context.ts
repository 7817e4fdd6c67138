import type { Place } from '#source/diagnostic.ts';
import type { Path } from '#source/path.ts';
import { isMapping, isSequence, type YamlValue } from '#source/yaml-value.ts';
import type { MeshConfigSpec } from '../istio/mesh-config.ts';
import type { Resource, ResourceOf } from '../resource.ts';
import { groupOf, type KindName } from '../resource-kinds.ts';
import type { ResourceStore } from '../resource-store.ts';
import {
  type AnalysisLevel,
  formatMessage,
  MESSAGE_TYPES,
  type MessageCode,
  type MessageParameter,
} from './messages.ts';
import { PITFALL_TYPES, type PitfallCode } from './pitfall-types.ts';

const ALL_TYPES = { ...MESSAGE_TYPES, ...PITFALL_TYPES };

/** Whether only the files are known, or all objects of a cluster. */
export type AnalysisMode = 'files' | 'cluster';

export interface AnalysisMessage {
  readonly code: string;
  readonly level: AnalysisLevel;
  readonly message: string;
  readonly resource: Resource;
  /** The line of the field, where istioctl names it; else it names the object's first line. */
  readonly line: number | undefined;
  /** The field that the message is about, as near as is known: to underline. */
  readonly at: Place;
  /** What to write instead. */
  readonly hint?: string;
}

/** The fields that a message is about. */
export interface Where {
  /** The one whose line istioctl names, if it does. */
  readonly line?: Path;
  /** The one to underline; that of `line` unless said otherwise. */
  readonly at?: Path;
  readonly hint?: string;
}

/** What analyzers see, and where they report. */
export class AnalysisContext {
  readonly mode: AnalysisMode;
  readonly meshConfig: MeshConfigSpec | undefined;
  readonly messages: AnalysisMessage[] = [];
  readonly #store: ResourceStore;

  constructor(store: ResourceStore, mode: AnalysisMode, meshConfig: MeshConfigSpec | undefined) {
    this.#store = store;
    this.mode = mode;
    this.meshConfig = meshConfig;
  }

  of<K extends KindName>(kind: K): readonly ResourceOf<K>[] {
    return this.#store.of(kind);
  }

  find<K extends KindName>(kind: K, namespace: string, name: string): ResourceOf<K> | undefined {
    return this.#store.find(kind, namespace, name);
  }

  /** Objects by group and kind, as they are written: whether their kind has a table or not. */
  others(group: string, kind: string): readonly Resource[] {
    return this.#store
      .all()
      .filter((other) => other.kind === kind && groupOf(other.apiVersion) === group);
  }

  /**
   * Reports a message. Its line is that of the field at `line`, if a single value is written there, as
   * istioctl finds it; `at` is underlined, the same field unless said otherwise.
   */
  report(
    code: MessageCode | PitfallCode,
    resource: Resource,
    parameters: readonly MessageParameter[],
    where: Where = {},
  ): void {
    const { level, template } = ALL_TYPES[code];
    const { line, hint } = where;
    const isFound = line !== undefined && isScalarAt(resource.raw, line);
    this.messages.push({
      code,
      level,
      message: formatMessage(template, parameters),
      resource,
      line: isFound ? resource.placeOf(line).line : undefined,
      at: resource.placeOf(where.at ?? line ?? ['metadata', 'name']),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/**
 * istioctl knows the lines of single values only, under the names as they are written.
 *
 * @source istio: pilot/pkg/config/file/store.go, BuildFieldPathMap
 */
function isScalarAt(root: YamlValue, path: Path): boolean {
  let here: YamlValue | undefined = root;
  for (const step of path) {
    if (isMapping(here)) here = here.get(String(step));
    else here = isSequence(here) && typeof step === 'number' ? here[step] : undefined;
  }
  return here !== undefined && !isMapping(here) && !isSequence(here);
}

/** `namespace/name`, or the name alone of a cluster-scoped object. */
export function fullName({ metadata }: Resource): string {
  return metadata.namespace === '' ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** A check over all objects. */
export interface Analyzer {
  /** As istioctl names it. */
  readonly name: string;
  /** The kinds that it looks at. It is left out where one of them can't be known. */
  readonly inputs: readonly string[];
  analyze(context: AnalysisContext): void;
}
