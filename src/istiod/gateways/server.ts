import type { Server, ServerTlsSettings } from '#config/istio/gateway.ts';
import type { Gateway } from '#config/resource.ts';
import { originOf } from '../clusters/cluster-origins.ts';
import { isHttp, type Protocol, parseProtocol } from '../model/protocol.ts';
import type { Origin } from '../origin.ts';

/** One server of a Gateway, as it is merged with those of others. */
export interface GatewayServer {
  readonly gateway: Gateway;
  /** `namespace/name` of the Gateway. */
  readonly gatewayName: string;
  /** Its index in `spec.servers`. */
  readonly index: number;
  readonly port: Server['port'];
  readonly protocol: Protocol;
  readonly bind: string;
  /** `./` and `*` as namespaces are resolved: `namespace/host`, or a host for all namespaces. */
  readonly hosts: readonly string[];
  readonly tls: ServerTlsSettings | undefined;
  readonly name: string;
}

/** Where a server stands. */
export function serverOrigin({ gateway, index }: GatewayServer): Origin {
  return originOf(gateway, ['spec', 'servers', index]);
}

/** The servers of a Gateway. */
export function serversOf(gateway: Gateway): GatewayServer[] {
  const { namespace, name } = gateway.metadata;
  return gateway.spec.servers.map((server, index) => ({
    gateway,
    gatewayName: `${namespace}/${name}`,
    index,
    port: server.port,
    protocol: parseProtocol(server.port?.protocol),
    bind: server.bind,
    hosts: sanitizedHosts(server.hosts, namespace),
    tls: server.tls,
    name: server.name,
  }));
}

/** @source istio: pilot/pkg/model/gateway.go, sanitizeServerHostNamespace */
function sanitizedHosts(hosts: readonly string[], namespace: string): readonly string[] {
  if (hosts.includes('*/*')) return ['*'];
  return hosts.map((host) => {
    if (host.startsWith('./')) return `${namespace}/${host.slice(2)}`;
    return host.startsWith('*/') ? host.slice(2) : host;
  });
}

/** Plain HTTP, or HTTPS that ends here: requests are routed. @source istio: pkg/config/gateway/gateway.go, IsHTTPServer */
export function servesHttp(server: GatewayServer): boolean {
  return isHttp(server.protocol) || (server.protocol === 'HTTPS' && !passesTlsThrough(server));
}

/** TLS, other than the redirect of a plain HTTP server. @source istio: the same file, IsTLSServer */
export function isTlsServer({ tls, protocol }: GatewayServer): boolean {
  return tls !== undefined && !isHttp(protocol);
}

/** HTTPS that ends here. @source istio: the same file, IsHTTPSServerWithTLSTermination */
export function terminatesHttps(server: GatewayServer): boolean {
  return server.tls !== undefined && server.protocol === 'HTTPS' && !passesTlsThrough(server);
}

/** @source istio: the same file, IsPassThroughServer */
export function passesTlsThrough({ tls }: GatewayServer): boolean {
  return tls?.mode === 'PASSTHROUGH' || tls?.mode === 'AUTO_PASSTHROUGH';
}

/** The SNI hosts of a server, without namespaces. @source istio: pilot/pkg/model/gateway.go, GetSNIHostsForServer */
export function sniHostsOf({ hosts }: GatewayServer): readonly string[] {
  return [...new Set(hosts.map(withoutNamespace))].sort();
}

export function withoutNamespace(host: string): string {
  return host.includes('/') ? host.split('/')[1]! : host;
}

/**
 * The route configuration of a server: shared by all plain HTTP servers of a port, one each for HTTPS
 * servers; empty where no requests are routed.
 *
 * @source istio: pilot/pkg/model/gateway.go, gatewayRDSRouteName
 */
export function routeNameOf(server: GatewayServer, listenPort: number): string {
  const bind = server.bind === '' ? '' : `.${server.bind}`;
  if (isHttp(server.protocol)) return `http.${listenPort}${bind}`;
  if (!servesHttp(server)) return '';
  const { name, namespace } = server.gateway.metadata;
  return `https.${server.port?.number ?? 0}.${server.port?.name ?? ''}.${name}.${namespace}${bind}`;
}
