import type { ConvertedRules } from './http-rules.ts';
import type { ParentKey, RouteParent } from './route-parents.ts';

/** A route with the parents that take it, and its rules as the mesh and as gateways read them. */
export interface AttachedConversion<Route, Derived> {
  readonly route: Route;
  /** Every parent that is named, denied ones among them. */
  readonly parents: readonly RouteParent[];
  readonly attached: readonly RouteParent[];
  readonly mesh: ConvertedRules<Derived>;
  readonly gateway: ConvertedRules<Derived>;
  /** The hosts of a Service or ServiceEntry that is a parent. */
  meshHosts(key: ParentKey): readonly string[];
}
