import {
  hexOfUint64,
  rotateLeftUint64,
  type Uint64,
  xorUint64,
  ZERO_UINT64,
} from '#kernel/uint64.ts';
import { xxHash64 } from '#kernel/xxhash64.ts';
import { durationNs } from '#xds/duration.ts';
import type { HashPolicy } from '#xds/route.ts';
import { clientIp } from '../http/client-address.ts';
import { queryParameter } from '../http/path.ts';
import type { HttpRequest } from '../network.ts';
import type { ReportProblem } from '../string-matcher.ts';
import { headerValue } from './header-condition.ts';
import { applyRegexRewrite, compileRegexRewrite, type RegexRewrite } from './path-rewrite.ts';
import { cookieValue } from './route-match.ts';

/** What a hash policy looks at beside the request: the downstream connection's ends, `ip:port`. */
export interface HashedConnection {
  readonly remoteAddress: string;
  readonly localAddress: string;
}

/** A cookie that Envoy made up for a client that had none: it goes out with the response. */
export interface GeneratedCookie {
  readonly name: string;
  readonly value: string;
  /** The whole `set-cookie` value. */
  readonly setCookie: string;
}

export interface HashResult {
  /** Undefined: the balancer takes a random number. */
  readonly hash: Uint64 | undefined;
  readonly cookies: readonly GeneratedCookie[];
}

const NO_COOKIES: readonly GeneratedCookie[] = [];

/**
 * The hash policies of a route. Entries combine: each further result is XORed to the hash so far
 * rotated left by one; behind a `terminal` entry nothing is looked at once there is a hash.
 *
 * @source envoy: source/common/http/hash_policy.cc, HashPolicyImpl::generateHash
 */
export class HashPolicies {
  readonly #entries: readonly HashEntry[];
  /** By request, where the connection has no say: clients send the same objects again and again. */
  readonly #known: WeakMap<HttpRequest, HashResult> | undefined;

  constructor(policies: readonly HashPolicy[], report: ReportProblem) {
    this.#entries = policies.map((policy) => compileEntry(policy, report));
    this.#known = this.#entries.some((entry) => entry.readsConnection) ? undefined : new WeakMap();
  }

  /** `connection` is undefined where there is none, as for the copies of a mirror policy. */
  hash(request: HttpRequest, connection: HashedConnection | undefined): HashResult {
    if (this.#known === undefined) return this.#combined(request, connection);
    let result = this.#known.get(request);
    if (result === undefined) {
      result = this.#combined(request, connection);
      this.#known.set(request, result);
    }
    return result;
  }

  #combined(request: HttpRequest, connection: HashedConnection | undefined): HashResult {
    let hash: Uint64 | undefined;
    let cookies = NO_COOKIES;
    for (const entry of this.#entries) {
      const cookie = entry.generate?.(request, connection);
      if (cookie !== undefined) cookies = [...cookies, cookie];
      const found = cookie ? xxHash64(cookie.value) : entry.hash(request, connection);
      if (found !== undefined) hash = hash ? xorUint64(rotateLeftUint64(hash, 1), found) : found;
      if (entry.isTerminal && hash !== undefined) break;
    }
    return { hash, cookies };
  }
}

interface HashEntry {
  readonly isTerminal: boolean;
  readonly readsConnection: boolean;
  hash(request: HttpRequest, connection: HashedConnection | undefined): Uint64 | undefined;
  /** Makes a cookie for a request that lacks it. */
  generate?(
    request: HttpRequest,
    connection: HashedConnection | undefined,
  ): GeneratedCookie | undefined;
}

function compileEntry(xds: HashPolicy, report: ReportProblem): HashEntry {
  const isTerminal = xds.terminal ?? false;
  const ofRequest = { isTerminal, readsConnection: false };
  if (xds.header !== undefined) {
    const name = xds.header.headerName.toLowerCase();
    const rewrite = xds.header.regexRewrite && compileRegexRewrite(xds.header.regexRewrite, report);
    return { ...ofRequest, hash: (request) => headerHash(request, name, rewrite) };
  }
  if (xds.cookie !== undefined) return { isTerminal, ...cookieEntry(xds.cookie) };
  if (xds.queryParameter !== undefined) {
    const { name } = xds.queryParameter;
    return { ...ofRequest, hash: (request) => textHash(queryParameter(request.path, name)) };
  }
  if (xds.connectionProperties?.sourceIp) {
    return { isTerminal, readsConnection: true, hash: sourceIpHash };
  }
  return { ...ofRequest, hash: () => undefined }; // filter_state: nothing sets any.
}

/** The values of all lines, sorted by code units, each seeding the next one's hash. */
function headerHash(
  request: HttpRequest,
  name: string,
  rewrite: RegexRewrite | undefined,
): Uint64 | undefined {
  if (name.startsWith(':') || request.headers.count(name) <= 1) {
    const value = headerValue(request, name);
    return value === undefined ? undefined : xxHash64(rewritten(value, rewrite));
  }
  const values = request.headers.getAll(name).map((value) => rewritten(value, rewrite));
  return values.sort().reduce((seed, value) => xxHash64(value, seed), ZERO_UINT64);
}

function rewritten(value: string, rewrite: RegexRewrite | undefined): string {
  return rewrite === undefined ? value : applyRegexRewrite(rewrite, value);
}

function textHash(text: string | undefined): Uint64 | undefined {
  return text === undefined ? undefined : xxHash64(text);
}

function sourceIpHash(
  request: HttpRequest,
  connection: HashedConnection | undefined,
): Uint64 | undefined {
  if (connection === undefined || connection.remoteAddress === '') return undefined;
  return xxHash64(clientIp(request, connection.remoteAddress));
}

/**
 * With a `ttl` (of 0: a session cookie) a missing cookie is made up from the two ends of the
 * connection, so that a client without cookies keeps its host while its connection lasts.
 */
function cookieEntry(xds: NonNullable<HashPolicy['cookie']>): Omit<HashEntry, 'isTerminal'> {
  const { name } = xds;
  const hash: HashEntry['hash'] = (request) => {
    const value = cookieValue(request, name);
    return value ? xxHash64(value) : undefined;
  };
  const ttlNs = durationNs(xds.ttl);
  if (ttlNs === undefined) return { readsConnection: false, hash };
  const attributes = cookieAttributes(xds, ttlNs);
  return {
    readsConnection: true,
    hash,
    generate: (request, connection) => {
      if (cookieValue(request, name) || connection === undefined) return undefined;
      const ends = connection.remoteAddress + connection.localAddress;
      const value = hexOfUint64(xxHash64(ends));
      return { name, value, setCookie: `${name}="${value}"${attributes}` };
    },
  };
}

/** @source envoy: source/common/http/utility.cc, Utility::makeSetCookieValue */
function cookieAttributes(xds: NonNullable<HashPolicy['cookie']>, ttlNs: number): string {
  const seconds = Math.floor(ttlNs / 1e9);
  const maxAge = seconds === 0 ? '' : `; Max-Age=${seconds}`;
  const path = xds.path ? `; Path=${xds.path}` : '';
  const others = (xds.attributes ?? []).map(({ name, value }) =>
    value ? `; ${name}=${value}` : `; ${name}`,
  );
  return `${maxAge}${path}${others.join('')}; HttpOnly`;
}
