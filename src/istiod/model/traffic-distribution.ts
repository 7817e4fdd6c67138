import type { TrafficDistribution } from './service.ts';

const ANNOTATION = 'networking.istio.io/traffic-distribution';

const BY_FIELD: ReadonlyMap<string, TrafficDistribution> = new Map([
  ['PreferClose', 'PreferSameZone'],
  ['PreferSameZone', 'PreferSameZone'],
  ['PreferSameNode', 'PreferSameNode'],
]);

const BY_ANNOTATION: ReadonlyMap<string, TrafficDistribution> = new Map(
  [...BY_FIELD].map(([name, value]) => [name.toLowerCase(), value]),
);

/**
 * The field of the Service, else its annotation, else its namespace's. An annotation that says
 * something unknown ends the search.
 *
 * @source istio: pilot/pkg/model/service.go, GetTrafficDistribution
 */
export function trafficDistribution(
  field: string | undefined,
  annotations: ReadonlyMap<string, string>,
  namespaceAnnotations: ReadonlyMap<string, string>,
): TrafficDistribution {
  const told = field === undefined ? undefined : BY_FIELD.get(field);
  if (told !== undefined) return told;
  const annotation = annotations.get(ANNOTATION) || namespaceAnnotations.get(ANNOTATION) || '';
  return BY_ANNOTATION.get(annotation.toLowerCase()) ?? 'Any';
}
