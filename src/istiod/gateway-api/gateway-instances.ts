/** What stands behind the name of a gateway's Service. */
export interface GatewayService {
  /** Addresses by which the outside reaches it. */
  readonly externalAddresses: readonly string[];
  readonly clusterAddresses: readonly string[];
  readonly isLoadBalancer: boolean;
  /** Made by istiod for the gateway. */
  readonly isManaged: boolean;
  /** The ports that the Service names. */
  readonly ports: readonly number[];
  /** For each port of the Service that has endpoints, the ports on which these listen. */
  readonly endpointPorts: ReadonlyMap<number, readonly number[]>;
}

/** Where gateways run, as far as statuses tell. */
export interface GatewayServices {
  service(hostname: string, namespace: string): GatewayService | undefined;
  /** The namespaces that have a service of this name, sorted. */
  namespacesOf(hostname: string): readonly string[];
}

/** Where a gateway is to be reached, and what is wrong with its addresses. */
export interface GatewayInstances {
  /** `host:port`, sorted. */
  readonly internal: readonly string[];
  readonly internalIps: readonly string[];
  readonly external: readonly string[];
  /** Hosts of load balancers without an address. */
  readonly pending: readonly string[];
  readonly warnings: readonly string[];
  readonly areAllUsable: boolean;
}

/**
 * Where the Services of a gateway serve its ports.
 *
 * @source istio: pilot/pkg/config/kube/gatewaycommon/context.go, ResolveGatewayInstances
 */
export function gatewayInstances(
  gateway: { readonly namespace: string; readonly hosts: readonly string[] },
  ports: readonly number[],
  services: GatewayServices,
): GatewayInstances {
  const found = new FoundInstances();
  for (const host of gateway.hosts) {
    const service = services.service(host, gateway.namespace);
    if (service === undefined) {
      found.warnings.push(missingHost(host, gateway.namespace, services.namespacesOf(host)));
      found.areAllUsable = false;
      continue;
    }
    for (const port of new Set(ports)) found.lookAt(host, port, service);
  }
  return found.result();
}

class FoundInstances {
  readonly warnings: string[] = [];
  areAllUsable = true;
  readonly #internal = new Set<string>();
  readonly #internalIps = new Set<string>();
  readonly #external = new Set<string>();
  readonly #pending = new Set<string>();

  lookAt(host: string, port: number, service: GatewayService): void {
    if (service.endpointPorts.has(port)) this.#serves(host, port, service);
    else this.#misses(host, port, service);
  }

  #serves(host: string, port: number, service: GatewayService): void {
    this.#internal.add(`${host}:${port}`);
    for (const address of service.clusterAddresses) this.#internalIps.add(address);
    for (const address of service.externalAddresses) this.#external.add(address);
    const isPending = service.externalAddresses.length === 0 && service.isLoadBalancer;
    if (!isPending || this.#pending.has(host)) return;
    this.warnings.push(`address pending for hostname "${host}"`);
    this.#pending.add(host);
  }

  #misses(host: string, port: number, service: GatewayService): void {
    if (service.endpointPorts.size === 0) {
      this.warnings.push(`no instances found for hostname "${host}"`);
      return;
    }
    const meant = [...service.endpointPorts]
      .filter(([, targets]) => targets.includes(port))
      .map(([servicePort]) => `${servicePort}`)
      .sort();
    // Of a gateway of istiod's own, endpoints that are not there yet are all that can be missing.
    if (meant.length === 0 && service.isManaged && service.ports.includes(port)) return;
    const hint =
      meant.length === 0
        ? ''
        : ` (hint: the service port should be specified, not the workload port. Did you mean one of these ports: [${meant.join(' ')}]?)`;
    this.warnings.push(`port ${port} not found for hostname "${host}"${hint}`);
    this.areAllUsable = false;
  }

  result(): GatewayInstances {
    return {
      internal: [...this.#internal].sort(),
      internalIps: [...this.#internalIps].sort(),
      external: [...this.#external].sort(),
      pending: [...this.#pending].sort(),
      warnings: [...this.warnings].sort(),
      areAllUsable: this.areAllUsable,
    };
  }
}

function missingHost(host: string, namespace: string, others: readonly string[]): string {
  if (others.length === 0) return `hostname "${host}" not found`;
  const found = others.map((other) => `"${other}"`).join(', ');
  return `hostname "${host}" not found in namespace "${namespace}", but it was found in namespace(s) ${found}`;
}
