/**
 * Configuration in protobuf's JSON form, with field names in snake_case or camelCase as readers of
 * protobuf JSON accept both, brought to camelCase, which is what `#xds/*` types say. Keys that are
 * data, such as the names of filters in metadata, stay as they are.
 *
 * @source protobuf: https://protobuf.dev/programming-guides/json
 */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => {
      const name = camelCase(key);
      return [name, convertField(name, field)];
    }),
  );
}

/** Maps of the configuration whose keys are names, with messages as values. */
const MAPS_OF_MESSAGES = new Set(['typedExtensionProtocolOptions', 'typedPerFilterConfig']);

/** Structs: whatever is in them is data. */
const STRUCTS = new Set(['filterMetadata', 'match', 'defaultSubset', 'jsonFormat']);

function convertField(name: string, field: unknown): unknown {
  if (typeof field !== 'object' || field === null || Array.isArray(field)) return camelCased(field);
  if (MAPS_OF_MESSAGES.has(name)) {
    return Object.fromEntries(Object.entries(field).map(([key, it]) => [key, camelCased(it)]));
  }
  return STRUCTS.has(name) && isStruct(name, field) ? field : camelCased(field);
}

/** A route's `match` is a message; a transport socket's is a struct, with keys of its user. */
function isStruct(name: string, field: object): boolean {
  if (name !== 'match') return true;
  return !Object.keys(field).some((key) => ROUTE_MATCH_FIELDS.has(camelCase(key)));
}

const ROUTE_MATCH_FIELDS = new Set([
  ...['prefix', 'path', 'safeRegex', 'pathSeparatedPrefix', 'connectMatcher', 'headers', 'grpc'],
  ...['pathMatchPolicy', 'caseSensitive', 'runtimeFraction', 'queryParameters', 'cookies'],
  ...['tlsContext', 'dynamicMetadata', 'filterState'],
]);

function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
