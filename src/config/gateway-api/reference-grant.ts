import { type Infer, list, object, optional, string } from '#source/shape.ts';

/** @source gateway-api: apis/v1/referencegrant_types.go, ReferenceGrantSpec */
export const referenceGrantShape = object({
  from: list(object({ group: string(), kind: string(), namespace: string() })),
  to: list(object({ group: string(), kind: string(), name: optional(string()) })),
});
export type ReferenceGrantSpec = Infer<typeof referenceGrantShape>;
