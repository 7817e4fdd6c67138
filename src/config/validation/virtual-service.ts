import type { Path } from '#source/path.ts';
import type {
  L4MatchAttributes,
  TcpRoute,
  TlsMatchAttributes,
  TlsRoute,
  VirtualServiceSpec,
} from '../istio/virtual-service.ts';
import type { VirtualService } from '../resource.ts';
import { checkRouteDestinations } from './destinations.ts';
import {
  gatewayDomainProblem,
  hostsOverlap,
  isHostWithin,
  wildcardDomainProblem,
} from './domain-names.ts';
import { checkExportTo } from './export-to.ts';
import { Findings } from './findings.ts';
import { checkGatewayNames } from './gateway-names.ts';
import { listText, quoted } from './go-format.ts';
import { isJwtClaim } from './header-names.ts';
import { checkHttpRoute } from './http-route.ts';
import { ipSubnetProblem, isIpAddress } from './ip-address.ts';
import { checkLabels } from './labels.ts';
import { checkPrefixOverlaps, checkReachability } from './unreachable-rules.ts';
import { portProblem } from './value-checks.ts';

/** @source istio: pkg/config/validation/validation.go, ValidateVirtualService */
export function checkVirtualService({ metadata, spec }: VirtualService): Findings {
  const findings = new Findings();
  const isConverted = metadata.annotations.get('internal.istio.io/route-semantics') === 'gateway';
  const isDelegate = spec.hosts.length === 0;
  if (isDelegate) checkDelegate(spec, findings);
  findings.add(checkGatewayNames(spec.gateways, isConverted, ['spec', 'gateways']));
  const ofGateway = spec.gateways.length > 0 && isForGateways(spec);
  if (!ofGateway) checkClaims(spec, findings);
  checkHosts(spec, ofGateway, findings);
  if (spec.http.length === 0 && spec.tcp.length === 0 && spec.tls.length === 0)
    findings.error(['spec'], 'http, tcp or tls must be provided in virtual service');
  spec.http.forEach((route, index) => {
    findings.add(checkHttpRoute(route, { isDelegate, isConverted }, ['spec', 'http', index]));
  });
  spec.tls.forEach((route, index) => {
    findings.add(checkTlsRoute(route, spec, isConverted, ['spec', 'tls', index]));
  });
  spec.tcp.forEach((route, index) => {
    findings.add(checkTcpRoute(route, isConverted, ['spec', 'tcp', index]), 'errors alone');
  });
  const { namespace } = metadata;
  findings.add(checkExportTo({ namespace, exportTo: spec.exportTo, of: 'other' }));
  findings.add(checkReachability(spec.http, ['spec', 'http']));
  findings.add(checkPrefixOverlaps(spec.http, ['spec', 'http']));
  findings.add(checkReachability(spec.tcp, ['spec', 'tcp']));
  findings.add(checkReachability(spec.tls, ['spec', 'tls']));
  return findings;
}

function isForGateways(spec: VirtualServiceSpec): boolean {
  return !spec.gateways.includes('mesh');
}

/** What a VirtualService without hosts must not have. */
function checkDelegate(spec: VirtualServiceSpec, findings: Findings): void {
  const prefix = 'delegate virtual service must have no';
  if (spec.gateways.length > 0)
    findings.error(['spec', 'gateways'], `${prefix} gateways specified`);
  if (spec.tls.length > 0) findings.error(['spec', 'tls'], `${prefix} tls route specified`);
  if (spec.tcp.length > 0) findings.error(['spec', 'tcp'], `${prefix} tcp route specified`);
}

function checkClaims(spec: VirtualServiceSpec, findings: Findings): void {
  for (const [index, { match }] of spec.http.entries()) {
    for (const [matchIndex, { headers, withoutHeaders }] of match.entries()) {
      for (const name of [...headers.keys(), ...withoutHeaders.keys()]) {
        if (!isJwtClaim(name)) continue;
        findings.error(
          ['spec', 'http', index, 'match', matchIndex],
          `JWT claim based routing (key: ${name}) is only supported for gateway, found no gateways: ${listText(spec.gateways)}`,
        );
      }
    }
  }
}

function checkHosts(spec: VirtualServiceSpec, ofGateway: boolean, findings: Findings): void {
  const matchesSni = spec.tls.some((it) => it.match.some((match) => match.sniHosts.length > 0));
  let allValid = true;
  for (const [index, host] of spec.hosts.entries()) {
    const at = ['spec', 'hosts', index];
    const problem = ofGateway
      ? gatewayDomainProblem(host, matchesSni)
      : wildcardDomainProblem(host);
    if (problem !== undefined ? !isIpAddress(host) : !ofGateway && host === '*') {
      allValid = false;
      const wildcard =
        'wildcard host * is not allowed for virtual services bound to the mesh gateway';
      findings.error(at, problem ?? wildcard);
    }
  }
  if (!allValid) return;
  for (const [index, host] of spec.hosts.entries()) {
    for (const other of spec.hosts.slice(index + 1))
      if (hostsOverlap(host, other))
        findings.error(
          ['spec', 'hosts', index],
          `duplicate hosts in virtual service: ${host} & ${other}`,
        );
  }
}

/** @source istio: pkg/config/validation/validation.go, validateTLSRoute */
function checkTlsRoute(
  route: TlsRoute,
  spec: VirtualServiceSpec,
  isConverted: boolean,
  path: Path,
): Findings {
  const findings = new Findings();
  if (route.match.length === 0)
    findings.error(path, 'TLS route must have at least one match condition');
  route.match.forEach((match, index) => {
    checkTlsMatch(match, spec, [...path, 'match', index], findings);
  });
  if (route.route.length === 0) findings.error(path, 'TLS route is required');
  findings.add(checkRouteDestinations(route.route, isConverted, [...path, 'route']));
  return findings;
}

function checkTlsMatch(
  match: TlsMatchAttributes,
  spec: VirtualServiceSpec,
  path: Path,
  findings: Findings,
): void {
  if (match.sniHosts.length === 0)
    findings.error(path, 'TLS match must have at least one SNI host');
  match.sniHosts.forEach((host, index) => {
    checkSniHost(host, spec, [...path, 'sniHosts', index], findings);
  });
  checkConnectionMatch(match, path, findings);
  findings.add(checkGatewayNames(match.gateways, false, [...path, 'gateways']));
}

/** @source istio: pkg/config/validation/validation.go, validateSniHost */
function checkSniHost(
  host: string,
  spec: VirtualServiceSpec,
  path: Path,
  findings: Findings,
): void {
  const problem = isForGateways(spec)
    ? gatewayDomainProblem(host, true)
    : wildcardDomainProblem(host);
  if (problem !== undefined) {
    const ip = `using an IP address (${quoted(host)}) goes against SNI spec and most clients do not support this`;
    if (isIpAddress(host)) findings.warning(path, ip);
    else findings.error(path, problem);
    return;
  }
  if (spec.hosts.some((other) => isHostWithin(host, other))) return;
  findings.error(
    path,
    `SNI host ${quoted(host)} is not a compatible subset of any of the virtual service hosts: [${spec.hosts.join(', ')}]`,
  );
}

/** @source istio: pkg/config/validation/validation.go, validateTCPRoute */
function checkTcpRoute(route: TcpRoute, isConverted: boolean, path: Path): Findings {
  const findings = new Findings();
  route.match.forEach((match, index) => {
    const at = [...path, 'match', index];
    checkConnectionMatch(match, at, findings);
    findings.add(checkGatewayNames(match.gateways, false, [...at, 'gateways']));
  });
  if (route.route.length === 0) findings.error(path, 'TCP route is required');
  findings.add(checkRouteDestinations(route.route, isConverted, [...path, 'route']));
  return findings;
}

/** What TLS and TCP matches have in common. */
function checkConnectionMatch(
  match: TlsMatchAttributes | L4MatchAttributes,
  path: Path,
  findings: Findings,
): void {
  match.destinationSubnets.forEach((subnet, index) => {
    findings.check([...path, 'destinationSubnets', index], ipSubnetProblem(subnet));
  });
  if (match.port !== 0) findings.check([...path, 'port'], portProblem(match.port));
  findings.add(checkLabels(match.sourceLabels, [...path, 'sourceLabels']));
}
