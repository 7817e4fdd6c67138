import type { Path } from '#source/path.ts';
import type { Server } from '../istio/gateway.ts';
import type { Gateway } from '../resource.ts';
import { isDnsLabel, namespacedHostProblems } from './domain-names.ts';
import { Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { ipAddressProblem } from './ip-address.ts';
import { isHttpProtocol, isSupportedProtocol, isTlsProtocol } from './protocol.ts';
import { checkServerTls } from './server-tls.ts';
import { portProblem, unixPath, unixPathProblem } from './value-checks.ts';

/** @source istio: pkg/config/validation/validation.go, ValidateGateway */
export function checkGateway({ metadata, spec }: Gateway): Findings {
  const findings = new Findings();
  // Converted from the Gateway API, names and namespaces may be what users can't write.
  const isConverted = metadata.annotations.get('internal.istio.io/gateway-semantics') === 'gateway';
  if (!isDnsLabel(metadata.name) && !isConverted)
    findings.error(['metadata', 'name'], `invalid gateway name: ${quoted(metadata.name)}`);
  if (spec.servers.length === 0)
    findings.error(['spec', 'servers'], 'gateway must have at least one server');
  spec.servers.forEach((server, index) => {
    findings.add(checkServer(server, isConverted, ['spec', 'servers', index]));
  });
  checkPorts(spec.servers, findings);
  return findings;
}

function checkPorts(servers: readonly Server[], findings: Findings): void {
  const names = new Set<string>();
  for (const [index, { port, tls }] of servers.entries()) {
    if (port === undefined) continue;
    const at = ['spec', 'servers', index];
    if (names.has(port.name))
      findings.error(
        [...at, 'port', 'name'],
        `port names in servers must be unique: duplicate name ${port.name}`,
      );
    names.add(port.name);
    if (!isHttpProtocol(port.protocol) && tls?.httpsRedirect === true)
      findings.warning(
        [...at, 'tls', 'httpsRedirect'],
        'tls.httpsRedirect should only be used with http servers',
      );
  }
}

/** @source istio: pkg/config/validation/validation.go, validateServer */
function checkServer(server: Server, isConverted: boolean, path: Path): Findings {
  const findings = new Findings();
  if (server.hosts.length === 0)
    findings.error(path, 'server config must contain at least one host');
  server.hosts.forEach((host, index) => {
    for (const problem of namespacedHostProblems(host, 'gateway', isConverted))
      findings.error([...path, 'hosts', index], problem);
  });
  const ofPort = checkServerPort(server, path);
  findings.add(ofPort);
  checkBind(server, path, findings);
  findings.add(checkServerTls(server.tls, [...path, 'tls']));
  if (ofPort.errors.length === 0) findings.check([...path, 'tls'], tlsProblem(server));
  return findings;
}

function checkServerPort({ port, bind }: Server, path: Path): Findings {
  const findings = new Findings();
  if (port === undefined) {
    findings.error(path, 'port is required');
    return findings;
  }
  const at = [...path, 'port'];
  if (!isSupportedProtocol(port.protocol))
    findings.error(
      [...at, 'protocol'],
      `invalid protocol ${quoted(port.protocol)}, supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP`,
    );
  if (port.number > 0 || unixPath(bind) === undefined)
    findings.check([...at, 'number'], portProblem(port.number));
  if (port.targetPort > 0)
    findings.error([...at, 'targetPort'], 'targetPort has no impact on Gateways');
  if (port.name === '') findings.error(at, `port name must be set: ${portText(port)}`);
  return findings;
}

function checkBind({ port, bind }: Server, path: Path, findings: Findings): void {
  const at = [...path, 'bind'];
  const socket = unixPath(bind);
  if (socket === undefined) {
    if (bind !== '') findings.check(at, ipAddressProblem(bind));
    return;
  }
  findings.check(at, unixPathProblem(socket));
  if (port !== undefined && port.number !== 0)
    findings.error(at, `port number must be 0 for unix domain socket: ${portText(port)}`);
}

/** Whether the server's protocol and its TLS settings go together. */
function tlsProblem({ port, tls }: Server): string | undefined {
  const protocol = port?.protocol ?? '';
  if (isTlsProtocol(protocol)) {
    return tls === undefined ? 'server must have TLS settings for HTTPS/TLS protocols' : undefined;
  }
  if (tls === undefined) return undefined;
  if (!isHttpProtocol(protocol)) return 'server cannot have TLS settings for non HTTPS/TLS ports';
  // Of a plain text server only the redirect to HTTPS is a TLS setting.
  const passesThrough = tls.mode === 'PASSTHROUGH' || tls.mode === 'AUTO_PASSTHROUGH';
  const hasFiles = tls.caCertificates || tls.privateKey || tls.serverCertificate;
  return !passesThrough || hasFiles
    ? 'server cannot have TLS settings for plain text HTTP ports'
    : undefined;
}

/** A port in protobuf's text form, as far as it is set. */
function portText(port: NonNullable<Server['port']>): string {
  const fields = [
    port.number === 0 ? '' : `number:${port.number}`,
    port.protocol === '' ? '' : `protocol:${quoted(port.protocol)}`,
    port.name === '' ? '' : `name:${quoted(port.name)}`,
    port.targetPort === 0 ? '' : `target_port:${port.targetPort}`,
  ];
  return fields.filter((field) => field !== '').join(' ');
}
