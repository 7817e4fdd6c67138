import type { Path } from '#source/path.ts';
import type { WorkloadEntrySpec, WorkloadGroupSpec } from '../istio/workload-entry.ts';
import type { WorkloadEntry, WorkloadGroup } from '../resource.ts';
import { fqdnProblem } from './domain-names.ts';
import { Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { probeHeaderNameProblem } from './header-names.ts';
import { isIpAddress } from './ip-address.ts';
import { checkLabels } from './labels.ts';
import { portNameProblem, portProblem, unixPath, unixPathProblem } from './value-checks.ts';

/** @source istio: pkg/config/validation/validation.go, ValidateWorkloadEntry */
export function checkWorkloadEntry({ spec }: WorkloadEntry): Findings {
  return checkEntry(spec, undefined, ['spec']);
}

/**
 * A WorkloadEntry, or an endpoint of a static ServiceEntry with these port names, whose address must
 * be an IP.
 *
 * @source istio: pkg/config/validation/validation.go, validateWorkloadEntry
 */
export function checkEntry(
  entry: WorkloadEntrySpec,
  servicePorts: ReadonlySet<string> | undefined,
  path: Path,
): Findings {
  const findings = new Findings();
  const { address, network, ports } = entry;
  const at = [...path, 'address'];
  if (address === '' && network === '') {
    findings.error(path, 'address is required');
    return findings;
  }
  if (address === '') findings.warning(path, `address is unset with network ${quoted(network)}`);
  const socket = unixPath(address);
  if (socket !== undefined) {
    findings.check(at, unixPathProblem(socket));
    if (ports.size > 0) findings.error(at, `unix endpoint ${address} must not include ports`);
  } else if (address !== '' && !isIpAddress(address)) {
    if (servicePorts !== undefined)
      findings.error(at, `endpoint address ${quoted(address)} is not a valid IP address`);
    else if (fqdnProblem(address) !== undefined)
      findings.error(
        at,
        `endpoint address ${quoted(address)} is not a valid FQDN or an IP address`,
      );
  }
  checkEntryPorts(entry, servicePorts, [...path, 'ports'], findings);
  findings.add(checkLabels(entry.labels, [...path, 'labels']));
  if (socket !== undefined && servicePorts !== undefined && servicePorts.size !== 1)
    findings.error(path, 'exactly 1 service port required for unix endpoints');
  return findings;
}

export function checkEntryPorts(
  { ports }: WorkloadEntrySpec,
  servicePorts: ReadonlySet<string> | undefined,
  path: Path,
  findings: Findings,
): void {
  for (const [name, port] of ports) {
    const at = [...path, name];
    if (servicePorts?.has(name) === false)
      findings.error(at, `endpoint port ${port} is not defined by the service entry`);
    findings.check(at, portNameProblem(name));
    findings.check(at, portProblem(port));
  }
}

/** @source istio: pkg/config/validation/validation.go, ValidateWorkloadGroup */
export function checkWorkloadGroup({ spec }: WorkloadGroup): Findings {
  const findings = new Findings();
  if (spec.template === undefined) {
    findings.error(['spec'], 'template is required');
    return findings;
  }
  const labels = checkLabels(spec.metadata?.labels ?? new Map(), ['spec', 'metadata', 'labels']);
  const problem = labels.errorText();
  if (problem !== undefined) {
    findings.error(['spec', 'metadata', 'labels'], `invalid labels: ${problem}`);
    return findings;
  }
  checkProbe(spec.probe, ['spec', 'probe'], findings);
  return findings;
}

/** @source istio: pkg/config/validation/validation.go, validateReadinessProbe */
function checkProbe(probe: WorkloadGroupSpec['probe'], path: Path, findings: Findings): void {
  if (probe === undefined) return;
  const counts = [
    'periodSeconds',
    'initialDelaySeconds',
    'timeoutSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const;
  for (const field of counts)
    if (probe[field] < 0) findings.error([...path, field], `${field} must be non-negative`);
  checkProbeMethod(probe, path, findings);
}

function checkProbeMethod(
  { httpGet, tcpSocket, exec, grpc }: NonNullable<WorkloadGroupSpec['probe']>,
  path: Path,
  findings: Findings,
): void {
  if (httpGet !== undefined) {
    const at = [...path, 'httpGet'];
    findings.check([...at, 'port'], portProblem(httpGet.port));
    if (!['', 'HTTP', 'HTTPS'].includes(httpGet.scheme))
      findings.error([...at, 'scheme'], 'httpGet.scheme must be one of "HTTPS", "HTTP"');
    httpGet.httpHeaders.forEach(({ name }, index) => {
      findings.check([...at, 'httpHeaders', index, 'name'], probeHeaderNameProblem(name));
    });
  } else if (tcpSocket !== undefined) {
    findings.check([...path, 'tcpSocket', 'port'], portProblem(tcpSocket.port));
  } else if (exec !== undefined) {
    if (exec.command.length === 0) findings.error([...path, 'exec'], 'exec.command is required');
  } else {
    // istiod's switch knows no gRPC probes.
    const type = grpc === undefined ? '<nil>' : '*v1alpha3.ReadinessProbe_Grpc';
    findings.error(path, `unknown health check method ${type}`);
  }
}
