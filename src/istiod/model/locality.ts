import type { Locality } from '#xds/core.ts';

/**
 * Localities as text, `region/zone/subzone`, and how near two of them are.
 *
 * @source istio: pilot/pkg/networking/util/util.go, pkg/model/proxy.go
 */
export interface LocalityParts {
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
}

/** Missing parts are empty; a fourth and later part is dropped. */
export function splitLocality(text: string): LocalityParts {
  const [region = '', zone = '', subzone = ''] = text.split('/');
  return { region, zone, subzone };
}

/** The proto-JSON form; empty parts are left out. */
export function xdsLocality(text: string): Locality {
  const { region, zone, subzone } = splitLocality(text);
  return {
    ...(region === '' ? {} : { region }),
    ...(zone === '' ? {} : { zone }),
    ...(subzone === '' ? {} : { subZone: subzone }),
  };
}

/** A label's value holds no `/`, so `.` stands for it. @source istio: pkg/model, SanitizeLocalityLabel */
export function localityOfLabel(value: string): string {
  return value.includes('/') ? value : value.replaceAll('.', '/');
}

/**
 * Whether a locality falls under a rule such as `*`, `region/*` or `region/zone/*`.
 *
 * @source istio: pilot/pkg/networking/util/util.go, LocalityMatch
 */
export function localityMatches(locality: LocalityParts, rule: string): boolean {
  const wanted = splitLocality(rule);
  return (
    (wanted.region === '*' || wanted.region === locality.region) &&
    isMatchingPart(wanted.zone, locality.zone) &&
    isMatchingPart(wanted.subzone, locality.subzone)
  );
}

function isMatchingPart(wanted: string, part: string): boolean {
  return wanted === '*' || wanted === '' || wanted === part;
}

/**
 * How far apart: 0 same subzone, 1 same zone, 2 same region, 3 elsewhere. Empty equals empty.
 *
 * @source istio: pilot/pkg/networking/util/util.go, LbPriority
 */
export function localityDistance(a: LocalityParts, b: LocalityParts): 0 | 1 | 2 | 3 {
  if (a.region !== b.region) return 3;
  if (a.zone !== b.zone) return 2;
  return a.subzone === b.subzone ? 0 : 1;
}
