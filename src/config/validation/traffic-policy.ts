import type { Path } from '#source/path.ts';
import type {
  OutlierDetection,
  PortTrafficPolicy,
  TrafficPolicy,
  TunnelSettings,
} from '../istio/destination-rule.ts';
import { checkClientTls } from './client-tls.ts';
import { checkConnectionPool } from './connection-pool.ts';
import { fqdnProblem } from './domain-names.ts';
import { Findings } from './findings.ts';
import { ipAddressProblem } from './ip-address.ts';
import { checkLoadBalancer } from './load-balancer.ts';
import { durationProblem, percentProblem, portProblem } from './value-checks.ts';

/** @source istio: pkg/config/validation/validation.go, validateTrafficPolicy */
export function checkTrafficPolicy(
  namespace: string,
  policy: TrafficPolicy | undefined,
  path: Path,
): Findings {
  const findings = new Findings();
  if (policy === undefined) return findings;
  const { portLevelSettings, ...blocks } = policy;
  if (portLevelSettings.length === 0 && Object.values(blocks).every((it) => it === undefined)) {
    findings.error(path, 'traffic policy must have at least one field');
    return findings;
  }
  if (policy.tunnel !== undefined && policy.proxyProtocol !== undefined) {
    findings.error(path, 'tunnel and proxyProtocol must not be set together');
    return findings;
  }
  addBlocks(namespace, policy, path, findings);
  findings.add(
    checkPortPolicies(namespace, portLevelSettings, [...path, 'portLevelSettings']),
    'errors alone',
  );
  checkTunnel(policy.tunnel, [...path, 'tunnel'], findings);
  return findings;
}

/** The four blocks that a policy has as a whole and for each port. */
function addBlocks(
  namespace: string,
  policy: Omit<PortTrafficPolicy, 'port'>,
  path: Path,
  findings: Findings,
): void {
  const { outlierDetection, connectionPool, loadBalancer, tls } = policy;
  findings.add(checkOutlierDetection(outlierDetection, [...path, 'outlierDetection']));
  findings.add(checkConnectionPool(connectionPool, [...path, 'connectionPool']));
  findings.add(checkLoadBalancer(loadBalancer, outlierDetection, [...path, 'loadBalancer']));
  findings.add(checkClientTls(namespace, tls, [...path, 'tls']));
}

function checkPortPolicies(
  namespace: string,
  policies: readonly PortTrafficPolicy[],
  path: Path,
): Findings {
  const findings = new Findings();
  for (const [index, policy] of policies.entries()) {
    const at = [...path, index];
    const { port, ...blocks } = policy;
    if (port === undefined) findings.error(at, 'portTrafficPolicy must have valid port');
    if (Object.values(blocks).every((it) => it === undefined))
      findings.error(at, 'port traffic policy must have at least one field');
    else addBlocks(namespace, policy, at, findings);
  }
  return findings;
}

/** @source istio: pkg/config/validation/validation.go, validateOutlierDetection */
export function checkOutlierDetection(outlier: OutlierDetection | undefined, path: Path): Findings {
  const findings = new Findings();
  if (outlier === undefined) return findings;
  const checkDuration = (field: 'baseEjectionTime' | 'interval') => {
    const ns = outlier[field];
    if (ns !== undefined) findings.check([...path, field], durationProblem(ns));
  };
  checkDuration('baseEjectionTime');
  if (outlier.consecutiveErrors !== 0)
    findings.warning(
      [...path, 'consecutiveErrors'],
      'outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead',
    );
  if (!outlier.splitExternalLocalOriginErrors && (outlier.consecutiveLocalOriginFailures ?? 0) > 0)
    findings.error(
      [...path, 'consecutiveLocalOriginFailures'],
      'outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false',
    );
  checkDuration('interval');
  for (const field of ['maxEjectionPercent', 'minHealthPercent'] as const)
    findings.check([...path, field], percentProblem(outlier[field]));
  return findings;
}

/** @source istio: pkg/config/validation/validation.go, validateTunnelSettings */
function checkTunnel(tunnel: TunnelSettings | undefined, path: Path, findings: Findings): void {
  if (tunnel === undefined) return;
  if (!['', 'CONNECT', 'POST'].includes(tunnel.protocol))
    findings.error([...path, 'protocol'], 'tunnel protocol must be "CONNECT" or "POST"');
  const notDomain = fqdnProblem(tunnel.targetHost);
  const notIp = ipAddressProblem(tunnel.targetHost);
  if (notDomain !== undefined && notIp !== undefined)
    findings.error(
      [...path, 'targetHost'],
      `tunnel target host must be valid FQDN or IP address: ${notDomain}; ${notIp}`,
    );
  const badPort = portProblem(tunnel.targetPort);
  if (badPort !== undefined)
    findings.error([...path, 'targetPort'], `tunnel target port is invalid: ${badPort}`);
}
