import { type HostName, hostsOverlap, isSubsetOf, isWildcard } from './host-name.ts';

/** Hosts of one namespace as an egress listener names them. */
interface HostClassification {
  readonly exact: Set<HostName>;
  readonly wildcards: HostName[];
  /** Exact ones and wildcards, in order. */
  readonly all: HostName[];
  readonly excluded: HostName[];
}

const EVERY_NAMESPACE = '*';
const OWN_NAMESPACE = '.';
const EXCLUDE = '~';

/**
 * The `hosts` of an egress listener: `ns/host`, `*` for every namespace, `.` for the proxy's own, and
 * `~ns/host` for what is left out again.
 *
 * @source istio: pilot/pkg/model/sidecar.go, convertIstioListenerToWrapper, hostClassification
 */
export class EgressHosts {
  readonly #byNamespace = new Map<string, HostClassification>();

  constructor(hosts: readonly string[], ownNamespace: string) {
    for (const entry of hosts) this.#add(entry, ownNamespace);
  }

  #add(entry: string, ownNamespace: string): void {
    const parts = entry.split('/');
    if (parts.length !== 2) return;
    const [given = '', host = ''] = parts;
    const isExcluded = given.startsWith(EXCLUDE);
    const written = isExcluded ? given.slice(1) || EVERY_NAMESPACE : given;
    const namespace = written === OWN_NAMESPACE ? ownNamespace : written;
    let known = this.#byNamespace.get(namespace);
    if (known === undefined) {
      known = { exact: new Set(), wildcards: [], all: [], excluded: [] };
      this.#byNamespace.set(namespace, known);
    }
    if (isExcluded) {
      known.excluded.push(host);
      return;
    }
    if (isWildcard(host)) known.wildcards.push(host);
    else known.exact.add(host);
    known.all.push(host);
  }

  /** Every host of every namespace: nothing is left out. */
  get importsEverything(): boolean {
    const every = this.#byNamespace.get(EVERY_NAMESPACE);
    return (
      this.#byNamespace.size === 1 && every?.excluded.length === 0 && every.wildcards.includes('*')
    );
  }

  /** Every imported name as `[namespace, host]`, when there is neither a wildcard nor a `*` namespace. */
  exactNames(): readonly (readonly [string, HostName])[] | undefined {
    const names: [string, HostName][] = [];
    for (const [namespace, { exact, wildcards, all }] of this.#byNamespace) {
      if (wildcards.length > 0) return undefined;
      if (namespace === EVERY_NAMESPACE && all.length > 0) return undefined;
      for (const host of exact) names.push([namespace, host]);
    }
    return names;
  }

  /** The hosts that may import something of a namespace: its own, then those of every namespace. */
  *#importing(namespace: string): Iterable<HostClassification> {
    const own = this.#byNamespace.get(namespace);
    if (own !== undefined) yield own;
    const every = this.#byNamespace.get(EVERY_NAMESPACE);
    if (every !== undefined) yield every;
  }

  #isExcluded(namespace: string, host: HostName): boolean {
    for (const hosts of this.#importing(namespace)) {
      if (hosts.excluded.some((excluded) => isSubsetOf(host, excluded))) return true;
    }
    return false;
  }

  /**
   * Which of a service's names are imported: undefined when its own is not; else the test for its
   * aliases.
   */
  importing(namespace: string, host: HostName): ((alias: HostName) => boolean) | undefined {
    if (this.#isExcluded(namespace, host)) return undefined;
    for (const hosts of this.#importing(namespace)) {
      if (covers(hosts, host)) return (alias) => covers(hosts, alias);
    }
    return undefined;
  }

  /**
   * Whether a VirtualService is imported: one of its hosts overlaps an imported one; derived from the
   * Gateway API, one of its hosts must be imported as a whole, as a service is.
   *
   * @source istio: pilot/pkg/model/sidecar.go, VSMatches
   */
  importsVirtualService(virtualService: {
    readonly namespace: string;
    readonly hosts: readonly HostName[];
    readonly hasGatewaySemantics: boolean;
  }): boolean {
    const { namespace, hosts } = virtualService;
    const matches = virtualService.hasGatewaySemantics ? covers : overlaps;
    for (const imported of this.#importing(namespace)) {
      const found = hosts.some(
        (host) => matches(imported, host) && !this.#isExcluded(namespace, host),
      );
      if (found) return true;
    }
    return false;
  }
}

function covers(hosts: HostClassification, host: HostName): boolean {
  return hosts.exact.has(host) || hosts.wildcards.some((cover) => isSubsetOf(host, cover));
}

function overlaps(hosts: HostClassification, host: HostName): boolean {
  if (hosts.exact.has(host)) return true;
  const candidates = isWildcard(host) ? hosts.all : hosts.wildcards;
  return candidates.some((imported) => hostsOverlap(host, imported));
}
