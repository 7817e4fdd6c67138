import type { HeaderMap } from '#envoy/http/header-map.ts';

interface Cookie {
  readonly value: string;
  readonly path: string;
  /** `Infinity` = while the session lasts. */
  readonly untilNs: number;
}

/**
 * The cookies of one user, by name. Domain, `Secure` and `SameSite` are not looked at: a jar belongs to
 * one destination.
 *
 * @source RFC 6265 §5.2, §5.4
 */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** Takes what an answer's `set-cookie` lines bring. */
  take(headers: HeaderMap, nowNs: number): void {
    if (!headers.has('set-cookie')) return;
    for (const line of headers.getAll('set-cookie')) this.#takeLine(line, nowNs);
  }

  /** The value of the `cookie` header for a path, with the query or without; '' = none. */
  headerFor(pathAndQuery: string, nowNs: number): string {
    let header = '';
    for (const [name, { value, path, untilNs }] of this.#cookies) {
      if (untilNs <= nowNs) this.#cookies.delete(name);
      else if (isBelow(pathAndQuery, path))
        header += `${header === '' ? '' : '; '}${name}=${value}`;
    }
    return header;
  }

  #takeLine(line: string, nowNs: number): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const equals = pair.indexOf('=');
    if (equals <= 0) return;
    let path = '/';
    let untilNs = Number.POSITIVE_INFINITY;
    for (const attribute of attributes) {
      const [name = '', value = ''] = attribute.split('=');
      if (name.toLowerCase() === 'path' && value.startsWith('/')) path = value;
      if (name.toLowerCase() === 'max-age' && /^-?\d+$/.test(value))
        untilNs = nowNs + Number(value) * 1e9;
    }
    this.#cookies.set(pair.slice(0, equals), { value: pair.slice(equals + 1), path, untilNs });
  }
}

function isBelow(pathAndQuery: string, cookiePath: string): boolean {
  if (!pathAndQuery.startsWith(cookiePath)) return false;
  const next = pathAndQuery[cookiePath.length];
  return cookiePath.endsWith('/') || next === undefined || next === '/' || next === '?';
}
