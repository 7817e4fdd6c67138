import type { Path } from '#source/path.ts';
import type {
  LocalityLoadBalancerSetting,
  OutlierDetection,
  ZoneAwareLoadBalancerSetting,
} from '../istio/destination-rule.ts';
import { Findings } from './findings.ts';

const TOPOLOGY_LABELS = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);
const NO_OUTLIER = 'outlier detection policy must be provided for failover';

/** @source istio: pkg/config/validation/agent/validation.go, ValidateLocalityLbSetting */
export function checkLocalitySetting(
  setting: LocalityLoadBalancerSetting | undefined,
  outlier: OutlierDetection | undefined,
  path: Path,
): Findings {
  const findings = new Findings();
  if (setting === undefined) return findings;
  const { distribute, failover, failoverPriority } = setting;
  if (distribute.length > 0 && failover.length > 0) {
    findings.error(path, "can not simultaneously specify 'distribute' and 'failover'");
    return findings;
  }
  const label = failoverPriority.find((it) => TOPOLOGY_LABELS.has(it));
  if (failover.length > 0 && label !== undefined) {
    const message = `can not simultaneously set 'failover' and topology label '${label}' in 'failover_priority'`;
    findings.error([...path, 'failoverPriority'], message);
    return findings;
  }
  for (const [index, { to }] of distribute.entries()) {
    const at = [...path, 'distribute', index, 'to'];
    const problem = weightProblem([...to.values()]);
    if (problem !== undefined) {
      findings.error(at, problem);
      return findings;
    }
    findings.check(at, localitiesProblem([...to.keys()]));
  }
  findings.check([...path, 'distribute'], localitiesProblem(distribute.map((it) => it.from)));
  const usesFailover = failover.length > 0 || failoverPriority.length > 0;
  if (usesFailover && outlier === undefined) findings.warning(path, NO_OUTLIER);
  checkFailover(failover, [...path, 'failover'], findings, {
    same: 'locality lb failover settings must specify different regions',
    deeper: 'locality lb failover only specify region',
    wildcard: "locality lb failover region should not contain '*' wildcard",
  });
  return findings;
}

/** @source istio: pkg/config/validation/agent/validation.go, ValidateZoneAwareLbSetting */
export function checkZoneAwareSetting(
  setting: ZoneAwareLoadBalancerSetting | undefined,
  outlier: OutlierDetection | undefined,
  path: Path,
): Findings {
  const findings = new Findings();
  if (setting === undefined) return findings;
  const { failover, failoverPriority } = setting;
  for (const [index, label] of failoverPriority.entries()) {
    if (!TOPOLOGY_LABELS.has(label)) continue;
    findings.error(
      [...path, 'failoverPriority', index],
      `'failover_priority' for zone aware lb must not use topology label '${label}'; region- and zone-level routing are handled automatically`,
    );
  }
  const usesFailover = failover.length > 0 || failoverPriority.length > 0;
  if (usesFailover && outlier === undefined) findings.warning(path, NO_OUTLIER);
  checkFailover(failover, [...path, 'failover'], findings, {
    same: 'zone aware lb failover settings must specify different regions',
    deeper:
      'zone aware lb failover only specifies region; zone and subzone failover are handled automatically',
    wildcard: "zone aware lb failover region should not contain '*' wildcard",
  });
  return findings;
}

function checkFailover(
  failover: readonly { readonly from: string; readonly to: string }[],
  path: Path,
  findings: Findings,
  texts: { readonly same: string; readonly deeper: string; readonly wildcard: string },
): void {
  for (const [index, { from, to }] of failover.entries()) {
    const at = [...path, index];
    if (from === to) findings.error(at, texts.same);
    if (from.includes('/') || to.includes('/')) findings.error(at, texts.deeper);
    if (from.includes('*') || to.includes('*')) findings.error(at, texts.wildcard);
  }
}

function weightProblem(weights: readonly number[]): string | undefined {
  if (weights.some((weight) => weight <= 0 || weight > 100))
    return 'locality weight must be in range [1, 100]';
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sum === 100 ? undefined : `total locality weight ${sum} != 100`;
}

/**
 * `region/zone/subzone`, each part optional from the right, `*` only at the end; none within another
 * that stands before it, nor one that stands before within it.
 *
 * @source istio: pkg/config/validation/agent/validation.go, validateLocalities
 */
function localitiesProblem(localities: readonly string[]): string | undefined {
  const regions = new Map<string, Map<string, Set<string>>>();
  for (const locality of localities) {
    const stars = locality.split('*').length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith('*')))
      return `locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`;
    const overlap = `locality ${locality} overlap with previous specified ones`;
    if (regions.has('*')) return overlap;
    const [region, zone, ...rest] = locality.split('/');
    const subzone = rest.length === 0 ? undefined : rest.join('/');
    if (region === '' || zone === '' || subzone === '')
      return `locality ${locality} must not contain empty region/zone/subzone info`;
    if (!insertLocality(regions, [region!, zone, subzone])) return overlap;
  }
  return undefined;
}

/** False when it overlaps with one that is there. */
function insertLocality(
  regions: Map<string, Map<string, Set<string>>>,
  [region, zone, subzone]: readonly [string, string | undefined, string | undefined],
): boolean {
  const zones = regions.get(region);
  if (zone === undefined) {
    if (zones !== undefined) return false;
    regions.set(region, new Map([['*', new Set(['*'])]]));
    return true;
  }
  if (zones?.has('*') === true) return false;
  const subzones = zones?.get(zone);
  if (subzones !== undefined) {
    if (subzone === undefined || subzones.has('*') || subzones.has(subzone)) return false;
    subzones.add(subzone);
    return true;
  }
  const fresh = new Set([subzone ?? '*']);
  if (zones === undefined) regions.set(region, new Map([[zone, fresh]]));
  else zones.set(zone, fresh);
  return true;
}
