import { withoutPort } from '../http/authority.ts';
import { asciiLowerCase } from '../string-matcher.ts';

/** How a virtual host was found. */
export interface VirtualHostMatch<Host> {
  readonly virtualHost: Host;
  /** The domain as configured, in lower case. */
  readonly domain: string;
  readonly kind: 'exact' | 'suffix' | 'prefix' | 'default';
}

/**
 * Virtual hosts by domain: exact; `*suffix`, longest first; `prefix*`, longest first; `*`.
 * A wildcard stands for one character at least.
 *
 * @source envoy: source/common/router/config_impl.cc, RouteMatcher::findVirtualHost, findWildcardVirtualHost
 */
export class VirtualHostTable<Host> {
  readonly #exact = new Map<string, VirtualHostMatch<Host>>();
  /** By the length of the wildcard's text, longest first. */
  readonly #suffixes: WildcardsOfLength<Host>[] = [];
  readonly #prefixes: WildcardsOfLength<Host>[] = [];
  readonly #ignorePort: boolean;
  /** Hosts looked up before: a run has few, and asks for them without end. */
  readonly #found = new Map<string, VirtualHostMatch<Host> | undefined>();
  #default: VirtualHostMatch<Host> | undefined;

  constructor(ignorePort: boolean) {
    this.#ignorePort = ignorePort;
  }

  /** False when the domain is taken: a configuration error. */
  add(domain: string, virtualHost: Host): boolean {
    const lower = asciiLowerCase(domain);
    if (lower === '*') {
      if (this.#default !== undefined) return false;
      this.#default = { virtualHost, domain: lower, kind: 'default' };
      return true;
    }
    if (lower.startsWith('*'))
      return addWildcard(this.#suffixes, lower.slice(1), virtualHost, lower);
    if (lower.endsWith('*'))
      return addWildcard(this.#prefixes, lower.slice(0, -1), virtualHost, lower);
    if (this.#exact.has(lower)) return false;
    this.#exact.set(lower, { virtualHost, domain: lower, kind: 'exact' });
    return true;
  }

  select(authority: string): Host | undefined {
    return this.find(authority)?.virtualHost;
  }

  /** The virtual host with the domain that it was found by. */
  find(authority: string): VirtualHostMatch<Host> | undefined {
    const known = this.#found.get(authority);
    if (known !== undefined || this.#found.has(authority)) return known;
    const host = asciiLowerCase(this.#ignorePort ? withoutPort(authority) : authority);
    const match =
      this.#exact.get(host) ??
      longestWildcard(this.#suffixes, host, (length) => host.slice(host.length - length)) ??
      longestWildcard(this.#prefixes, host, (length) => host.slice(0, length)) ??
      this.#default;
    if (this.#found.size >= REMEMBERED_HOSTS) this.#found.clear();
    this.#found.set(authority, match);
    return match;
  }
}

const REMEMBERED_HOSTS = 4096;

interface WildcardsOfLength<Host> {
  readonly length: number;
  readonly byText: Map<string, VirtualHostMatch<Host>>;
}

function addWildcard<Host>(
  wildcards: WildcardsOfLength<Host>[],
  text: string,
  virtualHost: Host,
  domain: string,
): boolean {
  const { length } = text;
  let ofLength = wildcards.find((it) => it.length === length);
  if (ofLength === undefined) {
    ofLength = { length, byText: new Map() };
    wildcards.push(ofLength);
    wildcards.sort((a, b) => b.length - a.length);
  }
  if (ofLength.byText.has(text)) return false;
  const kind = domain.startsWith('*') ? 'suffix' : 'prefix';
  ofLength.byText.set(text, { virtualHost, domain, kind });
  return true;
}

function longestWildcard<Host>(
  wildcards: readonly WildcardsOfLength<Host>[],
  host: string,
  part: (length: number) => string,
): VirtualHostMatch<Host> | undefined {
  for (const { length, byText } of wildcards) {
    if (length >= host.length) continue; // The wildcard would stand for nothing.
    const found = byText.get(part(length));
    if (found !== undefined) return found;
  }
  return undefined;
}
