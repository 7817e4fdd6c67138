import type { Path } from '#source/path.ts';
import type {
  ConsistentHash,
  LoadBalancerSettings,
  OutlierDetection,
} from '../istio/destination-rule.ts';
import { Findings } from './findings.ts';
import { checkLocalitySetting, checkZoneAwareSetting } from './locality.ts';
import { durationProblem } from './value-checks.ts';

/** Maglev's largest table. */
const MAX_TABLE_SIZE = 5000011;

/** @source istio: pkg/config/validation/validation.go, validateLoadBalancer */
export function checkLoadBalancer(
  settings: LoadBalancerSettings | undefined,
  outlier: OutlierDetection | undefined,
  path: Path,
): Findings {
  const findings = new Findings();
  if (settings === undefined) return findings;
  if (settings.consistentHash !== undefined)
    checkConsistentHash(settings.consistentHash, [...path, 'consistentHash'], findings);
  const { localityLbSetting, zoneAwareLbSetting } = settings;
  if (localityLbSetting !== undefined && zoneAwareLbSetting !== undefined)
    findings.error(path, 'only one of localityLbSetting and zoneAwareLbSetting can be set');
  findings.add(checkLocalitySetting(localityLbSetting, outlier, [...path, 'localityLbSetting']));
  findings.add(checkZoneAwareSetting(zoneAwareLbSetting, outlier, [...path, 'zoneAwareLbSetting']));
  checkWarmup(settings.warmup, [...path, 'warmup'], findings);
  return findings;
}

function checkConsistentHash(hash: ConsistentHash, path: Path, findings: Findings): void {
  const cookie = hash.httpCookie;
  if (cookie?.name === '')
    findings.error([...path, 'httpCookie', 'name'], 'name required for HttpCookie');
  const names = new Set<string>();
  for (const [index, { name }] of (cookie?.attributes ?? []).entries()) {
    const at = [...path, 'httpCookie', 'attributes', index, 'name'];
    if (name === '') findings.error(at, 'cookie attribute name cannot be empty');
    else if (names.has(name)) findings.error(at, `duplicate cookie attribute name: ${name}`);
    names.add(name);
  }
  checkRing(hash, path, findings);
}

function checkRing(hash: ConsistentHash, path: Path, findings: Findings): void {
  if (hash.minimumRingSize !== 0) {
    const at = [...path, 'minimumRingSize'];
    findings.warning(
      at,
      "consistent hash MinimumRingSize is deprecated, use ConsistentHashLB's RingHash configuration instead",
    );
    if (hash.ringHash !== undefined || hash.maglev !== undefined)
      findings.error(at, 'only one of MinimumRingSize or Maglev/Ringhash can be specified');
  }
  if (hash.maglev === undefined) return;
  const { tableSize } = hash.maglev;
  const at = [...path, 'maglev', 'tableSize'];
  if (tableSize === 0) findings.error(at, 'tableSize must be set for maglev');
  if (tableSize >= MAX_TABLE_SIZE)
    findings.error(at, `tableSize must be less than ${MAX_TABLE_SIZE} for maglev`);
  if (!isPrime(tableSize)) findings.error(at, 'tableSize must be a prime number for maglev');
}

function checkWarmup(warmup: LoadBalancerSettings['warmup'], path: Path, findings: Findings): void {
  if (warmup === undefined) return;
  if (warmup.duration === undefined) findings.error(path, 'duration is required');
  else findings.check([...path, 'duration'], durationProblem(warmup.duration));
  if ((warmup.minimumPercent ?? 0) > 100)
    findings.error(
      [...path, 'minimumPercent'],
      'minimumPercent value should be less than or equal to 100',
    );
  if (warmup.aggression !== undefined && warmup.aggression <= 0)
    findings.error([...path, 'aggression'], 'aggression should be greater than 0');
}

/** @source envoy: source/common/common/utility.cc, Primes::isPrime */
function isPrime(value: number): boolean {
  if (value !== 0 && value < 4) return true;
  if (value % 2 === 0) return false;
  // Beyond the largest table the answer no longer matters, and would take long.
  const limit = Math.min(Math.floor(Math.sqrt(value)), MAX_TABLE_SIZE);
  for (let factor = 3; factor <= limit; factor += 2) if (value % factor === 0) return false;
  return true;
}
