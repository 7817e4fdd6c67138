import type { Resource } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { areUnchanged } from '../model/resource-changes.ts';
import { derivedConfigs, GATEWAY_API_INPUTS, GATEWAY_API_ROUTE_KINDS } from './gateway-api.ts';
import { derivedResource } from './made-config.ts';

/** A store with what istiod derives from its Gateway API objects. */
export interface DerivedStore {
  readonly given: ResourceStore;
  readonly derived: readonly Resource[];
  readonly store: ResourceStore;
}

/**
 * Adds what is derived; it is worked out again only when something that it depends on has changed.
 * `previous` is that of an earlier state of the same mesh.
 */
export function derivedStore(
  given: ResourceStore,
  domain: string,
  previous: DerivedStore | undefined,
): DerivedStore {
  if (GATEWAY_API_ROUTE_KINDS.every((kind) => given.of(kind).length === 0))
    return { given, derived: [], store: given };
  const isKept = previous !== undefined && areUnchanged(previous.given, given, GATEWAY_API_INPUTS);
  const derived = isKept
    ? previous.derived
    : derivedConfigs(given, { domain }).map((config) => derivedResource(config));
  return { given, derived, store: given.with(derived) };
}
