/**
 * What Istio takes a port to speak.
 *
 * @source istio: pkg/config/protocol/instance.go
 */
export type Protocol =
  | 'HTTP'
  | 'HTTP2'
  | 'HTTPS'
  | 'HTTP_PROXY'
  | 'GRPC'
  | 'GRPC-Web'
  | 'TCP'
  | 'TLS'
  | 'UDP'
  | 'Mongo'
  | 'Redis'
  | 'MySQL'
  /** Not told: the proxy sniffs. */
  | 'UnsupportedProtocol';

const BY_NAME: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['grpc', 'GRPC'],
  ['grpc-web', 'GRPC-Web'],
  ['http', 'HTTP'],
  ['http_proxy', 'HTTP_PROXY'],
  ['http2', 'HTTP2'],
  ['https', 'HTTPS'],
  ['tls', 'TLS'],
  ['mongo', 'Mongo'],
  ['redis', 'Redis'],
  ['mysql', 'MySQL'],
]);

/** The protocol of a ServiceEntry, Gateway or Sidecar port; case does not matter. */
export function parseProtocol(text: string | undefined): Protocol {
  return BY_NAME.get((text ?? '').toLowerCase()) ?? 'UnsupportedProtocol';
}

const BY_APP_PROTOCOL: ReadonlyMap<string, Protocol> = new Map([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
]);

/** Ports that server-first protocols use: sniffing would hang, so they are plain TCP. */
const SERVER_FIRST_PORTS: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** What a port of a Kubernetes Service says about its protocol. */
export interface KubernetesPort {
  readonly port: number;
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly appProtocol?: string | undefined;
}

/**
 * The protocol of a port of a Kubernetes Service: UDP, else `appProtocol`, else the port's name.
 *
 * @source istio: pkg/config/kube/conversion.go, ConvertProtocol
 */
export function kubernetesPortProtocol(port: KubernetesPort): Protocol {
  if (port.protocol === 'UDP') return 'UDP';
  let name = port.name ?? '';
  if (port.appProtocol !== undefined) {
    const known = BY_APP_PROTOCOL.get(port.appProtocol);
    if (known !== undefined) return known;
    name = port.appProtocol;
  }
  const parsed = protocolOfName(name);
  if (parsed !== 'UnsupportedProtocol') return parsed;
  return SERVER_FIRST_PORTS.has(port.port) ? 'TCP' : 'UnsupportedProtocol';
}

function protocolOfName(name: string): Protocol {
  if (name.slice(0, 8).toLowerCase() === 'grpc-web') return 'GRPC-Web';
  const dash = name.indexOf('-');
  return parseProtocol(dash >= 0 ? name.slice(0, dash) : name);
}

export function isHttp(protocol: Protocol): boolean {
  return (
    protocol === 'HTTP' ||
    protocol === 'HTTP2' ||
    protocol === 'HTTP_PROXY' ||
    protocol === 'GRPC' ||
    protocol === 'GRPC-Web'
  );
}

export function isHttp2(protocol: Protocol): boolean {
  return protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC-Web';
}

export function isGrpc(protocol: Protocol): boolean {
  return protocol === 'GRPC' || protocol === 'GRPC-Web';
}

export function isTcp(protocol: Protocol): boolean {
  return (
    protocol === 'TCP' ||
    protocol === 'HTTPS' ||
    protocol === 'TLS' ||
    protocol === 'Mongo' ||
    protocol === 'Redis' ||
    protocol === 'MySQL'
  );
}

export function isTls(protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}

/** Told nothing: HTTP or TCP, decided by the first bytes of a connection. */
export function isSniffed(protocol: Protocol): boolean {
  return protocol === 'UnsupportedProtocol';
}
