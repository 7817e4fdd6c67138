import type { Resource } from '#config/resource.ts';
import { type Created, parseTimestampS } from './creation-order.ts';

/** Its age and name; without a timestamp of its own it is as old as `otherwiseS`. */
export function createdOf(resource: Resource, otherwiseS: number): Created {
  const { name, namespace, creationTimestamp } = resource.metadata;
  const createdAtS =
    creationTimestamp === undefined ? undefined : parseTimestampS(creationTimestamp);
  return { name, namespace, createdAtS: createdAtS ?? otherwiseS };
}

/** Resources with their ages, oldest first. */
export interface Aged<Kind extends Resource> {
  readonly resource: Kind;
  readonly created: Created;
}
