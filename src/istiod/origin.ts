import type { Place } from '#source/diagnostic.ts';

/** Where a piece of generated configuration comes from: the resource, and its place in a file. */
export interface Origin {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly at: Place | undefined;
  /** The field that decided, as a path: `spec.http[0].route[1]`. */
  readonly path?: string;
}

/**
 * Origins beside the generated configuration, never inside it. Keyed by the generated object's
 * identity (a Cluster, a Route, a VirtualHost, an OutlierDetection block…).
 */
export type Origins = WeakMap<object, Origin>;

/** Where single fields of a generated object come from, values that have no identity of their own too: `lbPolicy`. */
export type FieldOrigins = WeakMap<object, ReadonlyMap<string, Origin>>;

/** Where generated configuration comes from, beside it. */
export interface Provenance {
  readonly origins: Origins;
  readonly fieldOrigins: FieldOrigins;
}
