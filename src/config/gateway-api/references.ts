import { type Infer, int32, object, optional, string } from '#source/shape.ts';

/** References that several kinds share. Field names and order are those of the Gateway API. */

/** What a route attaches to: a Gateway unless `kind` says otherwise. */
export const parentReferenceShape = object({
  group: optional(string()),
  kind: optional(string()),
  namespace: optional(string()),
  name: string(),
  sectionName: optional(string()),
  port: optional(int32()),
});
export type ParentReference = Infer<typeof parentReferenceShape>;

const backendObjectFields = {
  group: optional(string()),
  kind: optional(string()),
  name: string(),
  namespace: optional(string()),
  port: optional(int32()),
};

/** A backend without a weight: of a mirror. */
export const backendObjectReferenceShape = object(backendObjectFields);
export type BackendObjectReference = Infer<typeof backendObjectReferenceShape>;

export const backendRefFields = { ...backendObjectFields, weight: optional(int32()) };

/** A backend and its share: a Service unless `kind` says otherwise. */
export const backendRefShape = object(backendRefFields);
export type BackendRef = Infer<typeof backendRefShape>;

export const localObjectReferenceShape = object({
  group: string(),
  kind: string(),
  name: string(),
});

export const secretObjectReferenceShape = object({
  group: optional(string()),
  kind: optional(string()),
  name: string(),
  namespace: optional(string()),
});
export type SecretObjectReference = Infer<typeof secretObjectReferenceShape>;

export const objectReferenceShape = object({
  group: string(),
  kind: string(),
  name: string(),
  namespace: optional(string()),
});
export type ObjectReference = Infer<typeof objectReferenceShape>;
