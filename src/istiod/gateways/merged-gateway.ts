import { isHttp, type Protocol } from '../model/protocol.ts';
import type { SelectingGateway } from './selecting-gateways.ts';
import { type GatewayServer, isTlsServer, routeNameOf, serversOf, servesHttp } from './server.ts';

/** A place that a gateway listens on: servers of one protocol share it. */
export interface ServerPort {
  readonly number: number;
  readonly protocol: Protocol;
  readonly bind: string;
}

export interface MergedServers {
  readonly at: ServerPort;
  readonly servers: readonly GatewayServer[];
  /** Of plain HTTP servers. */
  readonly routeName: string;
}

/** All Gateways of one workload as one. */
export interface MergedGateway {
  /** In the order in which the places came up. */
  readonly ports: readonly MergedServers[];
  /** The servers whose hosts share a route configuration. */
  readonly serversByRouteName: ReadonlyMap<string, readonly GatewayServer[]>;
}

/**
 * Merges the Gateways that select a workload, oldest first. Plain HTTP servers of a port merge, TLS
 * servers live side by side as long as their hosts differ; whatever conflicts with an earlier server is
 * left out, as a whole.
 *
 * @source istio: pilot/pkg/model/gateway.go, mergeGateways
 */
export function mergeGateways(gateways: readonly SelectingGateway[]): MergedGateway {
  const merger = new GatewayMerger();
  for (const selecting of gateways) {
    for (const server of serversOf(selecting.gateway)) {
      if (server.port === undefined) continue;
      for (const port of resolvePorts(server.port.number, selecting)) merger.add(server, port);
    }
  }
  return merger.merged();
}

/** A Service may opt out of the translation of port numbers. */
const DISABLE_PORT_TRANSLATION = 'experimental.istio.io/disable-gateway-port-translation';

/**
 * The container's port behind a Service's port of that number; without one the number itself, unless
 * the Gateway names its Services.
 *
 * @source istio: the same file, resolvePorts
 */
function resolvePorts(
  number: number,
  { targets, namesServices }: SelectingGateway,
): readonly number[] {
  const found = targets.filter(({ port }) => port.port === number);
  if (namesServices) return [...new Set(found.map(({ targetPort }) => targetPort))];
  const target = found.find(({ service }) => !service.labels.has(DISABLE_PORT_TRANSLATION));
  return [target?.targetPort ?? number];
}

interface Place {
  readonly at: ServerPort;
  readonly servers: GatewayServer[];
  routeName: string;
}

class GatewayMerger {
  /** By key of place, in order. */
  readonly #places = new Map<string, Place>();
  /** The latest plaintext place of a port number. */
  readonly #plaintext = new Map<number, ServerPort>();
  readonly #portNumbers = new Set<number>();
  readonly #byRouteName = new Map<string, GatewayServer[]>();
  /** Port number → TLS host → bind. */
  readonly #tlsHosts = new Map<number, Map<string, string>>();

  merged(): MergedGateway {
    return { ports: [...this.#places.values()], serversByRouteName: this.#byRouteName };
  }

  add(server: GatewayServer, listenPort: number): void {
    const routeName = routeNameOf(server, listenPort);
    if (server.tls !== undefined && !this.#claimTlsHosts(server, listenPort)) return;
    const at = { number: listenPort, protocol: server.protocol, bind: server.bind };
    if (!this.#portNumbers.has(listenPort)) {
      this.#portNumbers.add(listenPort);
      this.#open(server, at, routeName);
      return;
    }
    const plaintext = this.#plaintext.get(listenPort);
    if (plaintext !== undefined) this.#joinPlaintext(server, at, routeName, plaintext);
    else if (isTlsServer(server)) this.#joinTls(server, at, routeName);
    else this.#open(server, at, routeName);
  }

  #claimTlsHosts({ hosts, bind }: GatewayServer, listenPort: number): boolean {
    const known = this.#tlsHosts.get(listenPort) ?? new Map<string, string>();
    this.#tlsHosts.set(listenPort, known);
    return claimHosts(hosts, bind, known);
  }

  #open(server: GatewayServer, at: ServerPort, routeName: string): void {
    if (!isTlsServer(server)) this.#plaintext.set(at.number, at);
    if (servesHttp(server)) this.#byRouteName.set(routeName, [server]);
    this.#places.set(placeKey(at), { at, servers: [server], routeName });
  }

  /** Only HTTP merges with plaintext, and only HTTP; another bind is another place. */
  #joinPlaintext(
    server: GatewayServer,
    at: ServerPort,
    routeName: string,
    current: ServerPort,
  ): void {
    const isSameBind = current.bind === at.bind;
    if (isSameBind && (!canMerge(at.protocol, current.protocol) || routeName === '')) return;
    const place = this.#places.get(placeKey(isSameBind ? current : at));
    if (place === undefined) {
      this.#open(server, at, routeName);
      return;
    }
    if (!isSameBind) place.routeName = routeName;
    place.servers.push(server);
    this.#addToRoute(routeName, server);
  }

  #joinTls(server: GatewayServer, at: ServerPort, routeName: string): void {
    if (servesHttp(server)) {
      if (routeName === '' || this.#byRouteName.has(routeName)) return;
      this.#byRouteName.set(routeName, [server]);
    }
    const place = this.#places.get(placeKey(at));
    if (place === undefined)
      this.#places.set(placeKey(at), { at, servers: [server], routeName: '' });
    else place.servers.push(server);
  }

  #addToRoute(routeName: string, server: GatewayServer): void {
    this.#byRouteName.set(routeName, [...(this.#byRouteName.get(routeName) ?? []), server]);
  }
}

function canMerge(incoming: Protocol, current: Protocol): boolean {
  return (isHttp(incoming) || incoming === current) && isHttp(current);
}

function placeKey({ number, protocol, bind }: ServerPort): string {
  return `${number}/${protocol}/${bind}`;
}

/**
 * Takes hosts for one bind address; false when one of them is taken, and then none is.
 *
 * @source istio: the same file, CheckDuplicates
 */
export function claimHosts(
  hosts: readonly string[],
  bind: string,
  known: Map<string, string>,
): boolean {
  if (hosts.some((host) => known.get(host) === bind)) return false;
  for (const host of hosts) known.set(host, bind);
  return true;
}
