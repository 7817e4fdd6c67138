/**
 * The diagnostics that reading resources can give, by code; documented, never reused.
 * MS0120–MS0149 belong to this folder; what istiod and its analyzers say keeps Istio's codes.
 */
export const CONFIG_CODES = {
  MS0120: 'An Istio object has a field that its schema does not name.',
  MS0121: 'A value has not the type that its field needs.',
  MS0122: 'A value is none of those that its field allows.',
  MS0123: 'A duration can not be read.',
  MS0124: 'A field is written twice, in both its spellings.',
  MS0125: 'A document is no Kubernetes object: `apiVersion`, `kind` or `metadata.name` is missing.',
  MS0126: 'A later document of the same kind, namespace and name replaces an earlier one.',
  MS0127: 'A file, directory or pattern gives nothing to read.',
  MS0128: 'The mesh configuration of the ConfigMap `istio` can not be read.',
  MS0129: 'An Istio object has a version that Istio does not serve.',
  MS0130: 'The API server would refuse the object by its schema.',
  MS0131: 'istiod can not decode the object.',
} as const;

export type ConfigCode = keyof typeof CONFIG_CODES;
