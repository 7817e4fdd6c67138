import {
  boolean,
  type Infer,
  list,
  map,
  openObject,
  optional,
  string,
  wrapped,
} from '#source/shape.ts';

const ownerReferenceShape = openObject({
  apiVersion: string(),
  kind: string(),
  name: string(),
  uid: string(),
  controller: wrapped(boolean()),
});

/** @source kubernetes: apimachinery/pkg/apis/meta/v1/types.go, ObjectMeta */
export const objectMetaShape = openObject({
  name: string(),
  generateName: string(),
  namespace: string(),
  labels: map(string()),
  annotations: map(string()),
  uid: string(),
  creationTimestamp: optional(string()),
  deletionTimestamp: optional(string()),
  ownerReferences: list(ownerReferenceShape),
});

/** `namespace` is the default one where none is written, and empty for a cluster-scoped object. */
export type ObjectMeta = Infer<typeof objectMetaShape>;
export type OwnerReference = Infer<typeof ownerReferenceShape>;
