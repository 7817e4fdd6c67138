import { type IpRange, ipBytes, ipRange, rangeContains } from '#xds/ip-range.ts';
import type { HttpConnectionManager } from '#xds/listener.ts';
import type { HttpRequest } from '../network.ts';
import type { Outcome } from '../router/response-outcome.ts';
import { clientIp, forwardedClientAddress } from './client-address.ts';
import { normalizedHost, type StrippedPort, strippedPort } from './host-normalization.ts';
import {
  compilePathNormalization,
  normalizedPath,
  type PathNormalization,
  pathRefusal,
} from './path-normalization.ts';
import { RequestHead } from './request-head.ts';

/** Headers that only requests from inside may carry. */
const INTERNAL_ONLY = [
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-ip-tags',
  'x-envoy-original-url',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-upstream-stream-duration-ms',
];

/** Headers that an edge proxy takes away from requests of the outside. */
const EDGE_ONLY = [
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-envoy-original-path',
  'x-envoy-original-host',
];

/** Headers of the connection, which end at the proxy. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'];

/** A request as the connection manager passes it on, and whether it counts as internal. */
export interface SanitizedRequest {
  readonly request: HttpRequest;
  /** `ip:port`; '' = the peer's. */
  readonly clientAddress: string;
  readonly isInternal: boolean;
  /** The answer to a request whose path is not accepted as it is. */
  readonly refusal: Outcome | undefined;
}

/**
 * Cleans requests of what their sender may not say, and adds what the proxy knows of them. The same
 * request object from the same address gives the same result.
 *
 * @source envoy: source/common/http/conn_manager_utility.cc, ConnectionManagerUtility::mutateRequestHeaders,
 *   cleanInternalHeaders
 */
export class RequestSanitizer {
  readonly #usesRemoteAddress: boolean;
  readonly #appendsXff: boolean;
  readonly #trustedHops: number;
  readonly #internalRanges: readonly IpRange[];
  readonly #internalOnlyHeaders: readonly string[];
  readonly #pathNormalization: PathNormalization;
  readonly #strippedPort: StrippedPort;

  constructor(config: HttpConnectionManager, internalOnlyHeaders: readonly string[]) {
    this.#usesRemoteAddress = config.useRemoteAddress ?? false;
    this.#appendsXff = this.#usesRemoteAddress && !(config.skipXffAppend ?? false);
    this.#trustedHops = config.xffNumTrustedHops ?? 0;
    this.#internalRanges = (config.internalAddressConfig?.cidrRanges ?? []).flatMap(
      (range) => ipRange(range) ?? [],
    );
    this.#internalOnlyHeaders = internalOnlyHeaders;
    this.#pathNormalization = compilePathNormalization(config);
    this.#strippedPort = strippedPort(config);
  }

  /** True when the result depends on the addresses of the connection. */
  get dependsOnAddress(): boolean {
    return this.#usesRemoteAddress || this.#strippedPort === 'of-listener';
  }

  /** `localAddress`: `ip:port` that the connection was meant for. */
  sanitize(request: HttpRequest, remoteIp: string, localAddress: string): SanitizedRequest {
    const head = new RequestHead(request);
    const { headers } = head;
    const normalized = normalizedPath(this.#pathNormalization, request.path);
    const refusal = pathRefusal(normalized);
    head.path = normalized.path;
    // It is answered as it came.
    if (refusal !== undefined) {
      return { request: head, clientAddress: '', isInternal: false, refusal };
    }
    head.authority = normalizedHost(this.#strippedPort, request, localAddress);
    const forwarded = addressesOf(headers.getAll('x-forwarded-for'));
    const isInternal = this.#isInternal(forwarded, remoteIp);
    head.clientAddress = forwardedClientAddress(
      forwarded,
      this.#usesRemoteAddress,
      this.#trustedHops,
    );
    for (const name of HOP_BY_HOP) headers.remove(name);
    if (headers.get('te') !== 'trailers') headers.remove('te');
    if (!isInternal) {
      for (const name of INTERNAL_ONLY) headers.remove(name);
      for (const name of this.#internalOnlyHeaders) headers.remove(name);
      if (this.#usesRemoteAddress) for (const name of EDGE_ONLY) headers.remove(name);
    }
    if (this.#appendsXff) headers.add('x-forwarded-for', remoteIp);
    if (this.#usesRemoteAddress && !isInternal) {
      headers.set('x-envoy-external-address', clientIp(head, remoteIp));
    }
    if (!headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', request.scheme);
    if (isInternal) headers.set('x-envoy-internal', 'true');
    else headers.remove('x-envoy-internal');
    return { request: head, clientAddress: head.clientAddress, isInternal, refusal: undefined };
  }

  /**
   * A request that the proxy made of one that it had cleaned, under another URL.
   *
   * @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream::decodeHeaders (is_internally_created_)
   */
  renamed(request: HttpRequest, isInternal: boolean): SanitizedRequest {
    const head = new RequestHead(request);
    const normalized = normalizedPath(this.#pathNormalization, request.path);
    head.path = normalized.path;
    head.authority = normalizedHost(this.#strippedPort, request, '');
    return { request: head, clientAddress: '', isInternal, refusal: pathRefusal(normalized) };
  }

  /** By the peer's address, or where that is not looked at, by the one address that XFF may hold. */
  #isInternal(forwarded: readonly string[], remoteIp: string): boolean {
    if (this.#internalRanges.length === 0) return false;
    if (this.#usesRemoteAddress) return forwarded.length === 0 && this.#isInRange(remoteIp);
    // Behind trusted proxies nobody is alone in the header.
    return forwarded.length === 1 && this.#trustedHops === 0 && this.#isInRange(forwarded[0]!);
  }

  #isInRange(address: string): boolean {
    const bytes = ipBytes(address);
    return bytes !== undefined && this.#internalRanges.some((range) => rangeContains(range, bytes));
  }
}

/** Of all lines of `x-forwarded-for`, the nearest last. */
function addressesOf(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(',')).map((it) => it.trim());
}
