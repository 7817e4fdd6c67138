import type { Resource } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import type { Origin } from '#istiod/origin.ts';
import type { Place } from '#source/diagnostic.ts';

/** A rule of a VirtualService or of a Gateway API route. */
export interface RouteRule {
  readonly key: string;
  readonly name: string;
  readonly at: Place;
}

/** Every rule for requests that was written. */
export function routeRules(store: ResourceStore): readonly RouteRule[] {
  return [
    ...store.of('VirtualService').flatMap((it) => rulesOf(it, 'http', it.spec.http.length)),
    ...store.of('HTTPRoute').flatMap((it) => rulesOf(it, 'rules', it.spec.rules.length)),
    ...store.of('GRPCRoute').flatMap((it) => rulesOf(it, 'rules', it.spec.rules.length)),
  ];
}

function rulesOf(resource: Resource, list: string, count: number): RouteRule[] {
  const { kind, metadata } = resource;
  return Array.from({ length: count }, (_, index) => {
    const path = `spec.${list}[${index}]`;
    return {
      key: `${kind} ${metadata.namespace}/${metadata.name} ${path}`,
      name: `${kind} ${metadata.name} ${list}[${index}]`,
      at: resource.placeOf(['spec', list, index]),
    };
  });
}

/** The rule that something generated comes from; '' when it comes from none. */
export function ruleKey(origin: Origin | undefined): string {
  const rule = /^spec\.(?:http|rules)\[\d+\]/.exec(origin?.path ?? '')?.[0];
  if (origin === undefined || rule === undefined) return '';
  return `${origin.kind} ${origin.namespace}/${origin.name} ${rule}`;
}
