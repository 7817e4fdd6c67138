import type { Path } from '#source/path.ts';
import type { ServiceEntrySpec } from '../istio/service-entry.ts';
import type { ServiceEntry } from '../resource.ts';
import { fqdnProblem, partialWildcardProblem, wildcardDomainProblem } from './domain-names.ts';
import { checkExportTo } from './export-to.ts';
import { Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { ipSubnetProblem, isIpAddress } from './ip-address.ts';
import { checkLabels, checkSelectorLabels } from './labels.ts';
import { isHttpProtocol, isTcpProtocol, isTlsProtocol } from './protocol.ts';
import { portNameProblem, portProblem, protocolProblem } from './value-checks.ts';
import { checkEntry, checkEntryPorts } from './workload-entry.ts';

/** @source istio: pkg/config/validation/validation.go, ValidateServiceEntry */
export function checkServiceEntry(entry: ServiceEntry): Findings {
  const { metadata, spec } = entry;
  const selector = spec.workloadSelector;
  const selectorPath = ['spec', 'workloadSelector'];
  if (selector !== undefined) {
    // A selector that can't be read hides all else.
    const wrong = checkSelectorLabels(selector.labels, [...selectorPath, 'labels']);
    if (wrong.errors.length > 0) return wrong;
  }
  const findings = new Findings();
  if (selector?.labels.size === 0)
    findings.warning(
      selectorPath,
      'service entry: workload selector specified without labels, will be applied to all services in namespace',
    );
  if (selector !== undefined && spec.endpoints.length > 0)
    findings.error(
      ['spec'],
      'only one of WorkloadSelector or Endpoints is allowed in Service Entry',
    );
  checkHosts(spec, findings);
  checkAddresses(spec, findings);
  checkPorts(spec, allocatesAddresses(entry), findings);
  checkResolution(entry, findings);
  if (spec.resolution !== 'NONE' && spec.hosts.length > 1) {
    const index = spec.ports.findIndex(
      ({ protocol }) => !isHttpProtocol(protocol) && !isTlsProtocol(protocol),
    );
    // Plain TCP has nothing to tell one host from another.
    if (index >= 0)
      findings.error(
        ['spec', 'ports', index],
        'multiple hosts provided with non-HTTP, non-TLS ports',
      );
  }
  const { namespace } = metadata;
  findings.add(checkExportTo({ namespace, exportTo: spec.exportTo, of: 'service entry' }));
  return findings;
}

/**
 * Whether istiod gives the entry addresses of its own.
 *
 * @source istio: pilot/pkg/networking/serviceentry/ip_autoallocation.go, ShouldV2AutoAllocateIP
 */
export function allocatesAddresses({ metadata, spec }: ServiceEntry): boolean {
  const label = metadata.labels.get('networking.istio.io/enable-autoallocate-ip');
  const isOff = label?.toLowerCase() === 'false';
  return spec.resolution !== 'NONE' && !isOff && spec.addresses.length === 0;
}

function checkHosts({ hosts, resolution }: ServiceEntrySpec, findings: Findings): void {
  if (hosts.length === 0)
    findings.error(['spec', 'hosts'], 'service entry must have at least one host');
  for (const [index, host] of hosts.entries()) {
    const at = ['spec', 'hosts', index];
    if (host === '*') {
      findings.error(at, `invalid host ${host}`);
      continue;
    }
    findings.check(at, wildcardDomainProblem(host));
    const partial = partialWildcardProblem(host);
    if (resolution !== 'DYNAMIC_DNS' && partial !== undefined) findings.warning(at, partial);
  }
}

function checkAddresses({ addresses, resolution }: ServiceEntrySpec, findings: Findings): void {
  const path = ['spec', 'addresses'];
  addresses.forEach((address, index) => {
    findings.check([...path, index], ipSubnetProblem(address));
  });
  const allowsCidr = resolution === 'NONE' || resolution === 'STATIC';
  if (!allowsCidr && addresses.some((address) => address.includes('/')))
    findings.error(path, 'CIDR addresses are allowed only for NONE/STATIC resolution types');
}

function checkPorts(
  { ports, addresses }: ServiceEntrySpec,
  allocates: boolean,
  findings: Findings,
): void {
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const [index, { name, number, targetPort, protocol }] of ports.entries()) {
    const at = ['spec', 'ports', index];
    if (names.has(name))
      findings.error([...at, 'name'], `service entry port name ${quoted(name)} already defined`);
    names.add(name);
    if (numbers.has(number))
      findings.error([...at, 'number'], `service entry port ${number} already defined`);
    numbers.add(number);
    if (targetPort !== 0) findings.check([...at, 'targetPort'], portProblem(targetPort));
    const isPlain = protocol === '' || protocol === 'TCP';
    if (addresses.length === 0 && !allocates && isPlain)
      findings.warning(
        at,
        'addresses are required for ports serving TCP (or unset) protocol when IP Autoallocation is not enabled',
      );
    findings.check([...at, 'name'], portNameProblem(name));
    findings.check([...at, 'protocol'], protocolProblem(protocol));
    findings.check([...at, 'number'], portProblem(number));
  }
}

function checkResolution(entry: ServiceEntry, findings: Findings): void {
  const { spec } = entry;
  const path = ['spec', 'endpoints'];
  switch (spec.resolution) {
    case 'NONE':
      if (spec.endpoints.length > 0)
        findings.error(path, 'no endpoints should be provided for resolution type none');
      if (spec.workloadSelector !== undefined)
        findings.warning(
          ['spec', 'workloadSelector'],
          'workloadSelector should not be set when resolution mode is NONE',
        );
      return;
    case 'STATIC': {
      const ports = new Set(spec.ports.map(({ name }) => name));
      spec.endpoints.forEach((endpoint, index) => {
        findings.add(checkEntry(endpoint, ports, [...path, index]));
      });
      return;
    }
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      checkDns(spec, path, findings);
      return;
    case 'DYNAMIC_DNS':
      checkDynamicDns(entry, findings);
      return;
  }
}

function checkDns(spec: ServiceEntrySpec, path: Path, findings: Findings): void {
  const { resolution, endpoints, hosts, ports, addresses } = spec;
  if (endpoints.length === 0) {
    const problem = hosts.map(fqdnProblem).find((it) => it !== undefined);
    if (problem !== undefined)
      findings.error(
        ['spec', 'hosts'],
        `hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode ${resolution}, ${problem}`,
      );
  }
  if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1)
    findings.error(path, `there must only be 0 or 1 endpoint for resolution mode ${resolution}`);
  const names = new Set(ports.map(({ name }) => name));
  for (const [index, endpoint] of endpoints.entries()) {
    const at = [...path, index];
    const { address } = endpoint;
    if (!isIpAddress(address) && fqdnProblem(address) !== undefined)
      findings.error(
        [...at, 'address'],
        `endpoint address ${quoted(address)} is not a valid FQDN or an IP address`,
      );
    findings.add(checkLabels(endpoint.labels, [...at, 'labels']));
    checkEntryPorts(endpoint, names, [...at, 'ports'], findings);
  }
  const hasTcp = ports.some(({ protocol }) => isTcpProtocol(protocol));
  if (addresses.length > 0 && hasTcp && hosts.length > 1)
    findings.warning(
      ['spec', 'hosts'],
      'service entry can not have more than one host specified simultaneously with address and tcp port',
    );
}

function checkDynamicDns({ metadata, spec }: ServiceEntry, findings: Findings): void {
  const { resolution } = spec;
  if (spec.hosts.length === 0)
    findings.error(
      ['spec', 'hosts'],
      `at least one wildcard host must be provided for resolution type ${resolution}`,
    );
  spec.hosts.forEach((host, index) => {
    if (!host.startsWith('*'))
      findings.error(
        ['spec', 'hosts', index],
        `host must be wildcarded for resolution mode ${resolution}`,
      );
  });
  if (spec.addresses.length > 0)
    findings.error(
      ['spec', 'addresses'],
      `addresses cannot be set for resolution type ${resolution}. HTTP route domains will only be generatedfrom the hosts field values`,
    );
  if (spec.endpoints.length > 0)
    findings.error(
      ['spec', 'endpoints'],
      `endpoints cannot be set for resolution type ${resolution}. Destination IP address determined from hostsfield values`,
    );
  spec.ports.forEach(({ protocol }, index) => {
    if (!['http', 'tls', 'grpc', 'http2'].includes(protocol.toLowerCase()))
      findings.error(
        ['spec', 'ports', index, 'protocol'],
        `only HTTP, TLS, GRPC, and HTTP2 protocols are supported for resolution type ${resolution}`,
      );
  });
  const waypoint = metadata.labels.get('istio.io/use-waypoint') ?? '';
  const usesWaypoint = waypoint !== '' && waypoint.toLowerCase() !== 'none';
  if (spec.location === 'MESH_INTERNAL' && usesWaypoint)
    findings.error(
      ['spec', 'location'],
      `location MESH_INTERNAL with resolution type ${resolution} is not supported when using waypoints`,
    );
}
