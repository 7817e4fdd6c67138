import type { Path } from '#source/path.ts';
import type { IstioEgressListener, IstioIngressListener } from '../istio/sidecar.ts';
import type { Sidecar } from '../resource.ts';
import { checkConnectionPool } from './connection-pool.ts';
import { checkDestination } from './destinations.ts';
import { fqdnProblem, namespacedHostProblems } from './domain-names.ts';
import { Findings } from './findings.ts';
import { isDecimalInteger, quoted } from './go-format.ts';
import { splitHostPort } from './host-port.ts';
import { ipAddressProblem } from './ip-address.ts';
import { checkSelectorLabels } from './labels.ts';
import { isHttpProtocol, isTlsProtocol } from './protocol.ts';
import { checkServerTls } from './server-tls.ts';
import {
  portNameProblem,
  portProblem,
  protocolProblem,
  unixPath,
  unixPathProblem,
} from './value-checks.ts';

type SidecarPort = NonNullable<IstioIngressListener['port']>;

const NOT_UNIQUE = 'sidecar: ports on IP bound listeners must be unique';
const TARGET_PORT = 'targetPort has no impact on Sidecars';

/** @source istio: pkg/config/validation/validation.go, ValidateSidecar */
export function checkSidecar({ metadata, spec }: Sidecar): Findings {
  const findings = new Findings();
  const selector = spec.workloadSelector;
  if (selector !== undefined) {
    const path = ['spec', 'workloadSelector'];
    const wrong = checkSelectorLabels(selector.labels, [...path, 'labels']);
    if (wrong.errors.length > 0) return wrong;
    if (selector.labels.size === 0)
      findings.warning(
        path,
        'sidecar: workload selector specified without labels, will be applied to all services in namespace',
      );
  }
  const { ingress, egress, inboundConnectionPool, outboundTrafficPolicy } = spec;
  const hasListeners = ingress.length > 0 || egress.length > 0;
  if (!hasListeners && outboundTrafficPolicy === undefined && inboundConnectionPool === undefined) {
    const empty = new Findings();
    empty.error(['spec'], 'sidecar: empty configuration provided');
    return empty;
  }
  checkIngress(ingress, findings);
  findings.add(checkConnectionPool(inboundConnectionPool, ['spec', 'inboundConnectionPool']));
  checkEgress(egress, metadata.namespace, findings);
  checkOutboundPolicy(outboundTrafficPolicy, findings);
  return findings;
}

function checkIngress(listeners: readonly IstioIngressListener[], findings: Findings): void {
  const ports = new Set<number>();
  for (const [index, listener] of listeners.entries()) {
    const path = ['spec', 'ingress', index];
    const { port, bind } = listener;
    if (port === undefined) {
      findings.error(path, 'sidecar: port is required for ingress listeners');
      continue;
    }
    if (port.targetPort > 0) findings.error([...path, 'port', 'targetPort'], TARGET_PORT);
    checkPortAndBind(port, bind, path, findings);
    if (ports.has(port.number)) findings.error([...path, 'port', 'number'], NOT_UNIQUE);
    ports.add(port.number);
    checkDefaultEndpoint(listener.defaultEndpoint, [...path, 'defaultEndpoint'], findings);
    checkIngressTls(listener, [...path, 'tls'], findings);
    const pool = listener.connectionPool;
    findings.add(checkConnectionPool(pool, [...path, 'connectionPool']));
    if (pool?.http !== undefined && !isHttpProtocol(port.protocol))
      findings.warning(
        [...path, 'connectionPool', 'http'],
        `sidecar: HTTP connection pool settings are configured for port ${port.number} (${quoted(port.name)}) but its protocol is not HTTP (${port.protocol}); only TCP settings will apply`,
      );
  }
}

/** @source istio: pkg/config/validation/validation.go, validateSidecarIngressPortAndBind */
function checkPortAndBind(port: SidecarPort, bind: string, path: Path, findings: Findings): void {
  if (port.name !== '') findings.check([...path, 'port', 'name'], portNameProblem(port.name));
  findings.check([...path, 'port', 'protocol'], protocolProblem(port.protocol));
  findings.check([...path, 'port', 'number'], portProblem(port.number));
  if (bind !== '') findings.check([...path, 'bind'], ipAddressProblem(bind));
}

function checkDefaultEndpoint(endpoint: string, path: Path, findings: Findings): void {
  if (endpoint === '') return;
  const socket = unixPath(endpoint);
  if (socket !== undefined) {
    findings.check(path, unixPathProblem(socket));
    return;
  }
  const { host, port, problem } = splitHostPort(endpoint);
  findings.check(path, problem);
  if (!['', '127.0.0.1', '0.0.0.0', '::1', '::'].includes(host))
    findings.error(
      path,
      'sidecar: defaultEndpoint must be of form 127.0.0.1:<port>,0.0.0.0:<port>,[::1]:port,[::]:port,unix://filepath or unset',
    );
  if (isDecimalInteger(port)) findings.check(path, portProblem(Number(port)));
  else
    findings.error(
      path,
      `sidecar: defaultEndpoint port (${port}) is not a number: strconv.Atoi: parsing ${quoted(port)}: invalid syntax`,
    );
}

function checkIngressTls(
  { tls, port }: IstioIngressListener,
  path: Path,
  findings: Findings,
): void {
  if (tls === undefined) return;
  const forbidden: readonly (readonly [boolean, string])[] = [
    [tls.subjectAltNames.length > 0, 'subjectAltNames is not supported in ingress tls'],
    [tls.httpsRedirect, 'httpsRedirect is not supported'],
    [tls.credentialName !== '', 'credentialName is not currently supported'],
    [tls.credentialNames.length > 0, 'credentialNames is not currently supported'],
    [tls.tlsCertificates.length > 0, 'tls_certificates is not currently supported'],
  ];
  for (const [isSet, text] of forbidden) if (isSet) findings.error(path, `sidecar: ${text}`);
  if (tls.mode === 'ISTIO_MUTUAL' || tls.mode === 'AUTO_PASSTHROUGH')
    findings.error(
      [...path, 'mode'],
      `configuration is invalid: cannot set mode to ${tls.mode} in sidecar ingress tls`,
    );
  if (!isTlsProtocol(port?.protocol ?? ''))
    findings.error(path, 'server cannot have TLS settings for non HTTPS/TLS ports');
  findings.add(checkServerTls(tls, path));
}

function checkEgress(
  listeners: readonly IstioEgressListener[],
  namespace: string,
  findings: Findings,
): void {
  const ports = new Set<number>();
  const sockets = new Set<string>();
  let hasCatchAll = false;
  for (const [index, listener] of listeners.entries()) {
    const path = ['spec', 'egress', index];
    if (listener.port !== undefined) {
      checkEgressPort(listener, path, { ports, sockets }, findings);
    } else if (hasCatchAll) {
      findings.error(path, 'sidecar: egress can have only one listener with empty port');
      continue;
    } else if (index === listeners.length - 1) {
      hasCatchAll = true;
    } else {
      findings.error(
        path,
        'sidecar: the egress listener with empty port should be the last listener in the list',
      );
    }
    checkEgressHosts(listener.hosts, namespace, [...path, 'hosts'], findings);
  }
}

/** @source istio: pkg/config/validation/validation.go, validateSidecarEgressPortBindAndCaptureMode */
function checkEgressPort(
  { port, bind, captureMode }: IstioEgressListener,
  path: Path,
  taken: { readonly ports: Set<number>; readonly sockets: Set<string> },
  findings: Findings,
): void {
  if (port === undefined) return;
  if (port.targetPort > 0) findings.error([...path, 'port', 'targetPort'], TARGET_PORT);
  if (port.number !== 0) {
    checkPortAndBind(port, bind, path, findings);
    if (taken.ports.has(port.number)) findings.error([...path, 'port', 'number'], NOT_UNIQUE);
    taken.ports.add(port.number);
    return;
  }
  if (port.name !== '') findings.check([...path, 'port', 'name'], portNameProblem(port.name));
  findings.check([...path, 'port', 'protocol'], protocolProblem(port.protocol));
  const socket = unixPath(bind);
  findings.check(
    [...path, 'bind'],
    socket === undefined
      ? 'sidecar: ports with 0 value must have a unix domain socket bind address'
      : unixPathProblem(socket),
  );
  if (captureMode === 'IPTABLES')
    findings.error(
      [...path, 'captureMode'],
      'sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners',
    );
  if (taken.sockets.has(bind))
    findings.error(
      [...path, 'bind'],
      'sidecar: unix domain socket values for listeners must be unique',
    );
  taken.sockets.add(bind);
}

/** `namespace/host`: each once, and not what a wildcard of the namespace already says. */
function checkEgressHosts(
  hosts: readonly string[],
  namespace: string,
  path: Path,
  findings: Findings,
): void {
  if (hosts.length === 0)
    findings.error(path.slice(0, -1), 'sidecar: egress listener must contain at least one host');
  const seen = new Map<string, Set<string>>();
  for (const [index, host] of hosts.entries()) {
    const at = [...path, index];
    const slash = host.indexOf('/');
    if (slash >= 0 && !host.startsWith('~')) {
      const ns = host.slice(0, slash) === '.' ? namespace : host.slice(0, slash);
      const name = host.slice(slash + 1);
      const names = seen.get(ns) ?? new Set<string>();
      seen.set(ns, names);
      const isKnown = name === '*' ? names.size > 0 : names.has(name) || names.has('*');
      if (isKnown) findings.warning(at, `duplicated egress host: ${host}`);
      names.add(name);
    }
    for (const problem of namespacedHostProblems(host, 'sidecar', false))
      findings.error(at, problem);
  }
  if (seen.get('*')?.has('*') === true && seen.size !== 1)
    findings.warning(path, '`*/*` host select all resources, no other hosts can be added');
}

/** @source istio: pkg/config/validation/validation.go, validateSidecarOutboundTrafficPolicy */
function checkOutboundPolicy(
  policy: Sidecar['spec']['outboundTrafficPolicy'],
  findings: Findings,
): void {
  const proxy = policy?.egressProxy;
  if (policy === undefined || proxy === undefined) return;
  const path = ['spec', 'outboundTrafficPolicy', 'egressProxy'];
  if (policy.mode !== 'ALLOW_ANY') {
    findings.error(
      path,
      'sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode',
    );
    return;
  }
  findings.check([...path, 'host'], fqdnProblem(proxy.host));
  if (proxy.port === undefined) findings.error(path, 'sidecar: egress_proxy port must be non-nil');
  else findings.add(checkDestination(proxy, path));
}
