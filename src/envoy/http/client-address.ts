import { ipBytes } from '#xds/ip-range.ts';
import type { HttpRequest } from '../network.ts';
import { withoutPort } from './authority.ts';
import { RequestHead } from './request-head.ts';

/**
 * The client's address as `x-forwarded-for` tells it, `ip:0`; '' where the peer of the connection is
 * taken for the client. `hops`: how many proxies before this one are trusted.
 *
 * @source envoy: source/common/http/conn_manager_utility.cc, mutateRequestHeaders;
 *   source/common/http/utility.cc, Utility::getLastAddressFromXFF
 */
export function forwardedClientAddress(
  forwarded: readonly string[],
  usesRemoteAddress: boolean,
  hops: number,
): string {
  if (usesRemoteAddress && hops === 0) return '';
  const ip = forwarded.at(-1 - (usesRemoteAddress ? hops - 1 : hops)) ?? '';
  return ipBytes(ip) === undefined ? '' : `${ip.includes(':') ? `[${ip}]` : ip}:0`;
}

/** Without brackets or port: the client's, or else that of the connection's peer (`ip:port`). */
export function clientIp(request: HttpRequest, peerAddress: string): string {
  const told = request instanceof RequestHead ? request.clientAddress : '';
  return withoutPort(told || peerAddress).replace(/^\[|\]$/g, '');
}
