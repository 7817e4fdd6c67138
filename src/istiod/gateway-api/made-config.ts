import { objectMetaShape } from '#config/kubernetes/object-meta.ts';
import type { Resource, ResourceOf } from '#config/resource.ts';
import { RESOURCE_KINDS, type ResourceKind } from '#config/resource-kinds.ts';
import type { Path } from '#source/path.ts';
import { readShape } from '#source/shape-read.ts';
import type { YamlMapping, YamlValue } from '#source/yaml-value.ts';
import { noteWrittenSource, type WrittenSource } from './written-source.ts';

/** A value of a derived object. What is `undefined`, or an empty list or `Map`, is not there. */
export type ConfigValue =
  | string
  | number
  | boolean
  | undefined
  | readonly ConfigValue[]
  | ReadonlyMap<string, ConfigValue>
  | { readonly [field: string]: ConfigValue };

/** An object of Istio's own kinds that istiod derives from objects of the Gateway API. */
export interface DerivedConfig {
  readonly kind: 'VirtualService' | 'Gateway';
  readonly name: string;
  readonly namespace: string;
  readonly annotations: ReadonlyMap<string, string>;
  readonly creationTimestamp: string | undefined;
  readonly spec: ConfigValue;
  /** Where a value of the derived object was written, in the object that it follows from. */
  written(path: Path): WrittenSource;
}

/** The derived object as a resource like any other, read by its kind's own table. */
export function derivedResource(
  derived: DerivedConfig,
): ResourceOf<'VirtualService'> | ResourceOf<'Gateway'> {
  const { kind, name, namespace, annotations, creationTimestamp } = derived;
  const raw = yamlMapping({
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { annotations, creationTimestamp, name, namespace },
    spec: derived.spec,
  });
  const table: ResourceKind = RESOURCE_KINDS[kind];
  const object: Resource = {
    kind,
    apiVersion: 'networking.istio.io/v1',
    metadata: readShape(objectMetaShape, raw.get('metadata'), [], [])!,
    spec: readShape(table.spec, raw.get('spec'), [], []),
    status: undefined,
    raw,
    placeOf: (path: Path) => {
      const written = derived.written(path);
      return written.resource.placeOf(written.path);
    },
  };
  noteWrittenSource(object, (path) => derived.written(path));
  // The spec was read by the table of the object's kind; the compiler can't follow that.
  return object as ResourceOf<'VirtualService'> | ResourceOf<'Gateway'>;
}

type Absence = (value: ConfigValue) => boolean;

/**
 * An object's fields as they would be read from a file. What is not there is left out: of a derived
 * object empty lists, too.
 */
export function yamlMapping(
  fields: { readonly [field: string]: ConfigValue },
  isLeftOut: Absence = isAbsent,
): YamlMapping {
  return mappingOf(Object.entries(fields), isLeftOut);
}

function mappingOf(
  entries: readonly (readonly [string, ConfigValue])[],
  isLeftOut: Absence,
): YamlMapping {
  const present = entries.filter(([, value]) => !isLeftOut(value));
  return new Map(present.map(([name, value]) => [name, yamlValue(value, isLeftOut)]));
}

function isAbsent(value: ConfigValue): boolean {
  if (value === undefined) return true;
  if (isList(value)) return value.length === 0;
  return isMap(value) && value.size === 0;
}

function yamlValue(value: ConfigValue, isLeftOut: Absence): YamlValue {
  if (typeof value !== 'object') return value ?? null;
  if (isList(value)) return value.map((item) => yamlValue(item, isLeftOut));
  return isMap(value) ? mappingOf([...value], isLeftOut) : yamlMapping(value, isLeftOut);
}

function isList(value: ConfigValue): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

function isMap(value: ConfigValue): value is ReadonlyMap<string, ConfigValue> {
  return value instanceof Map;
}
