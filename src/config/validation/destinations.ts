import type { Path } from '#source/path.ts';
import type { Destination } from '../istio/shared-shapes.ts';
import type { Headers, HttpRouteDestination, RouteDestination } from '../istio/virtual-service.ts';
import { subsetNameProblem } from './destination-rule.ts';
import { wildcardDomainProblem } from './domain-names.ts';
import { Findings } from './findings.ts';
import { headerValueProblem, otherHeaderProblem, requestHeaderProblem } from './header-names.ts';
import { portProblem } from './value-checks.ts';

/** @source istio: pkg/config/validation/validation.go, validateDestination */
export function checkDestination(destination: Destination | undefined, path: Path): Findings {
  const findings = new Findings();
  if (destination === undefined) return findings;
  const { host, subset, port } = destination;
  const hostPath = [...path, 'host'];
  if (host === '*') findings.error(hostPath, `invalid destination host ${host}`);
  else findings.check(hostPath, wildcardDomainProblem(host));
  if (subset !== '') findings.check([...path, 'subset'], subsetNameProblem(subset));
  if (port !== undefined) findings.check([...path, 'port', 'number'], portProblem(port.number));
  return findings;
}

/** Of a TLS or TCP route. @source pkg/config/validation/validation.go, validateRouteDestinations */
export function checkRouteDestinations(
  routes: readonly RouteDestination[],
  isConverted: boolean,
  path: Path,
): Findings {
  const findings = new Findings();
  routes.forEach((route, index) => {
    checkWeighted(route, isConverted, [...path, index], findings);
  });
  checkWeightSum(routes, path, findings);
  return findings;
}

/** @source istio: pkg/config/validation/validation.go, validateHTTPRouteDestinations */
export function checkHttpRouteDestinations(
  routes: readonly HttpRouteDestination[],
  isConverted: boolean,
  path: Path,
): Findings {
  const findings = new Findings();
  routes.forEach((route, index) => {
    const at = [...path, index];
    const weighted = new Findings();
    checkWeighted(route, isConverted, at, weighted);
    // A destination that is missing is said first, then the headers.
    const [missing] = route.destination === undefined ? weighted.errors.splice(0, 1) : [];
    if (missing !== undefined) findings.listed(missing.path, missing.message);
    if (route.headers !== undefined) findings.add(checkHeaders(route.headers, [...at, 'headers']));
    findings.add(weighted);
  });
  checkWeightSum(routes, path, findings);
  return findings;
}

function checkWeighted(
  { destination, weight }: RouteDestination,
  isConverted: boolean,
  path: Path,
  findings: Findings,
): void {
  if (destination === undefined) findings.listed(path, 'destination is required');
  // Converted from the Gateway API, a destination may be what users can't write.
  if (!isConverted) findings.add(checkDestination(destination, [...path, 'destination']));
  if (weight < 0) findings.error([...path, 'weight'], `weight ${weight} < 0`);
}

function checkWeightSum(routes: readonly RouteDestination[], path: Path, findings: Findings): void {
  const sum = routes.reduce((total, { weight }) => total + weight, 0);
  if (routes.length > 1 && sum === 0) findings.error(path, 'total destination weight = 0');
}

/** Header operations, of a route or of one of its destinations. */
export function checkHeaders(headers: Headers | undefined, path: Path): Findings {
  const findings = new Findings();
  for (const side of ['request', 'response'] as const) {
    const operations = headers?.[side];
    const nameProblem = side === 'request' ? requestHeaderProblem : otherHeaderProblem;
    for (const verb of ['add', 'set'] as const) {
      for (const [name, value] of operations?.[verb] ?? []) {
        const at = [...path, side, verb, name];
        findings.check(at, nameProblem(name));
        findings.check(at, headerValueProblem(value));
      }
    }
    for (const [index, name] of (operations?.remove ?? []).entries())
      findings.check([...path, side, 'remove', index], otherHeaderProblem(name));
  }
  return findings;
}
