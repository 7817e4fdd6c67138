/**
 * Where the port of a host starts (at its colon); -1 without a port. An IPv6 address in brackets has
 * colons of its own, and a port is digits.
 *
 * @source envoy: source/common/http/header_utility.cc, HeaderUtility::getPortStart
 */
export function portStart(host: string): number {
  const colon = host.lastIndexOf(':');
  if (colon < 0 || host.lastIndexOf(']') > colon) return -1;
  // An IPv6 address without brackets has no port.
  if (!host.includes(']') && host.indexOf(':') !== colon) return -1;
  return /^[0-9]{1,5}$/.test(host.slice(colon + 1)) ? colon : -1;
}

/** The host without its port. */
export function withoutPort(host: string): string {
  const colon = portStart(host);
  return colon < 0 ? host : host.slice(0, colon);
}
