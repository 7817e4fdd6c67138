import type { HttpConnectionManager } from '#xds/listener.ts';
import type { HttpRequest } from '../network.ts';
import { portStart } from './authority.ts';

/** Which port a connection manager takes away from hosts. */
export type StrippedPort = 'none' | 'of-listener' | 'any';

export function strippedPort(config: HttpConnectionManager): StrippedPort {
  if (config.stripAnyHostPort === true) return 'any';
  return config.stripMatchingHostPort === true ? 'of-listener' : 'none';
}

/**
 * The host that routes are matched with and the upstream gets. CONNECT keeps its port. `localAddress`:
 * `ip:port` that the connection was meant for.
 *
 * @source envoy: source/common/http/header_utility.cc, HeaderUtility::stripPortFromHost
 */
export function normalizedHost(
  stripped: StrippedPort,
  { method, authority }: HttpRequest,
  localAddress: string,
): string {
  if (stripped === 'none' || method === 'CONNECT') return authority;
  const colon = portStart(authority);
  if (colon < 0) return authority;
  const isListeners = authority.slice(colon) === localAddress.slice(portStart(localAddress));
  return stripped === 'any' || isListeners ? authority.slice(0, colon) : authority;
}
