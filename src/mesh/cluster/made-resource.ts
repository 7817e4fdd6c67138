import type { Resource } from '#config/resource.ts';
import { readResources } from '#config/resource-read.ts';
import type { Diagnostic, Place } from '#source/diagnostic.ts';
import type { YamlDocument } from '#source/yaml-document.ts';
import type { YamlValue } from '#source/yaml-value.ts';

/** A value written in code; mappings become `Map`s. */
export type MadeValue =
  | string
  | number
  | boolean
  | YamlValue
  | readonly MadeValue[]
  | { readonly [key: string]: MadeValue };

/**
 * An object that the cluster makes by itself (a Deployment's pod, an implied gateway), read by its
 * kind's own table. All of it stands at `at`: where the object is written that it follows from; asked
 * for only when somebody wants to know, as a place costs a full parse.
 */
export function madeResource(
  object: { readonly [key: string]: MadeValue },
  at: () => Place,
): Resource | undefined {
  const value = yamlValue(object);
  const diagnostics: Diagnostic[] = [];
  return readResources(documentOf(value, at), 'default', diagnostics)[0];
}

function documentOf(value: YamlValue, at: () => Place): YamlDocument {
  return { value, placeOf: at, at: () => documentOf(value, at) };
}

function yamlValue(value: MadeValue): YamlValue {
  if (typeof value !== 'object' || value === null || value instanceof Map)
    return value as YamlValue;
  if (Array.isArray(value)) return value.map((item: MadeValue) => yamlValue(item));
  return new Map(Object.entries(value).map(([key, item]) => [key, yamlValue(item)]));
}
