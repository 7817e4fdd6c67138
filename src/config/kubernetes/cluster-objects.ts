import { boolean, type Infer, list, map, openObject, string } from '#source/shape.ts';

/** Of a Namespace only the metadata matters. */
export const namespaceShape = openObject({ finalizers: list(string()) });
export type NamespaceSpec = Infer<typeof namespaceShape>;

/** Of a Node the labels matter, and whether pods may be placed on it. */
export const nodeShape = openObject({ unschedulable: boolean(), podCIDR: string() });
export type NodeSpec = Infer<typeof nodeShape>;

/** The object itself: a ConfigMap has no `spec`. */
export const configMapShape = openObject({ data: map(string()) });
export type ConfigMapSpec = Infer<typeof configMapShape>;

/** The object itself. The content of a Secret is not read, only which keys it has. */
export const secretShape = openObject({
  type: string(),
  data: map(string()),
  stringData: map(string()),
});
export type SecretSpec = Infer<typeof secretShape>;
