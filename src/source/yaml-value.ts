/**
 * What a YAML text says. Mappings are `Map`s in the order of the text: their keys are chosen by
 * users, so `__proto__` is a key like any other and `"80"` does not jump to the front.
 */
export type YamlValue = null | boolean | number | string | YamlSequence | YamlMapping;
export type YamlSequence = readonly YamlValue[];
export type YamlMapping = ReadonlyMap<string, YamlValue>;

export function isMapping(value: YamlValue | undefined): value is YamlMapping {
  return value instanceof Map;
}

export function isSequence(value: YamlValue | undefined): value is YamlSequence {
  return Array.isArray(value);
}

/** The value at a key, or nothing when `value` is no mapping. */
export function member(value: YamlValue | undefined, key: string): YamlValue | undefined {
  return isMapping(value) ? value.get(key) : undefined;
}

/** The text at a key, or nothing when there is none. */
export function textMember(value: YamlValue | undefined, key: string): string | undefined {
  const found = member(value, key);
  return typeof found === 'string' ? found : undefined;
}

/** The JSON type of a value, in the words of a diagnostic. */
export function kindOf(value: YamlValue): string {
  if (value === null) return 'null';
  if (isMapping(value)) return 'object';
  if (isSequence(value)) return 'array';
  return typeof value;
}
