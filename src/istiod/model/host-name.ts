import { compareText } from '#source/compare-text.ts';

/**
 * Host names, possibly with a leading `*`, and how they cover one another.
 *
 * @source istio: pkg/config/host/name.go, pkg/config/host/names.go, pilot/pkg/model/config.go
 */
export type HostName = string;

/** A name whose first character is `*`; a `*` anywhere else means nothing. */
export function isWildcard(host: HostName): boolean {
  return host.charCodeAt(0) === 0x2a;
}

/** Whether two names overlap, in either direction: `*.foo.com` and `a.foo.com` do, `foo.com` does not. */
export function hostsOverlap(a: HostName, b: HostName): boolean {
  if (!isWildcard(a) && !isWildcard(b)) return a === b;
  if (isWildcard(a) && isWildcard(b)) {
    return a.length < b.length ? b.slice(1).endsWith(a.slice(1)) : a.slice(1).endsWith(b.slice(1));
  }
  return isWildcard(a) ? b.endsWith(a.slice(1)) : a.endsWith(b.slice(1));
}

/** Whether every name that `host` stands for is covered by `cover`. */
export function isSubsetOf(host: HostName, cover: HostName): boolean {
  if (!isWildcard(cover)) return host === cover;
  if (!isWildcard(host)) return host.endsWith(cover.slice(1));
  return host.length >= cover.length && host.slice(1).endsWith(cover.slice(1));
}

/** Negative when `a` is the more specific: exact before wildcard, then the longer, then by code units. */
export function compareSpecificity(a: HostName, b: HostName): number {
  const wildcards = Number(isWildcard(a)) - Number(isWildcard(b));
  if (wildcards !== 0) return wildcards;
  if (a.length !== b.length) return b.length - a.length;
  return compareText(a, b);
}

/**
 * Values by host name, found by the most specific name that covers a host. A host is looked up by
 * peeling characters off its front, so the cost grows with its length, not with the number of names.
 */
export class HostIndex<Value> {
  readonly #exact = new Map<HostName, Value>();
  /** Keyed by the text after the `*`. */
  readonly #bySuffix = new Map<string, Value>();
  #longestSuffix = 0;

  get(host: HostName): Value | undefined {
    return isWildcard(host) ? this.#bySuffix.get(host.slice(1)) : this.#exact.get(host);
  }

  set(host: HostName, value: Value): void {
    if (!isWildcard(host)) {
      this.#exact.set(host, value);
      return;
    }
    this.#bySuffix.set(host.slice(1), value);
    this.#longestSuffix = Math.max(this.#longestSuffix, host.length - 1);
  }

  /** The value of the host itself, else of the longest wildcard whose suffix the host ends with. */
  mostSpecific(host: HostName): Value | undefined {
    const own = this.get(host);
    if (own !== undefined) return own;
    const text = isWildcard(host) ? host.slice(1) : host;
    for (let at = Math.max(0, text.length - this.#longestSuffix); at <= text.length; at++) {
      const value = this.#bySuffix.get(text.slice(at));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  *entries(): IterableIterator<[HostName, Value]> {
    yield* this.#exact.entries();
    for (const [suffix, value] of this.#bySuffix) yield [`*${suffix}`, value];
  }

  *values(): IterableIterator<Value> {
    yield* this.#exact.values();
    yield* this.#bySuffix.values();
  }
}
