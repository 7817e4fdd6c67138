/** Whether Go's `netip.ParseAddr` accepts the text: IPv4, IPv6 with or without a zone. */
export function isIpAddress(text: string): boolean {
  return text.includes(':') ? isIpv6(text) : isIpv4(text);
}

export function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((it) => /^(?:0|[1-9][0-9]{0,2})$/.test(it) && +it < 256);
}

/** @source go: src/net/netip/netip.go, parseIPv6 */
function isIpv6(text: string): boolean {
  const [address, ...zone] = text.split('%');
  if (zone.length > 0 && zone.join('%') === '') return false;
  const halves = address!.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const all = groups.flat();
  const last = all.at(-1);
  const hasIpv4 = last?.includes('.') === true;
  if (hasIpv4 && !isIpv4(last)) return false;
  const plain = hasIpv4 ? all.slice(0, -1) : all;
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  const count = plain.length + (hasIpv4 ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}

/** Whether Go's `netip.ParsePrefix` accepts the text: no zone, no leading zeros in the length. */
export function isIpPrefix(text: string): boolean {
  const slash = text.lastIndexOf('/');
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (slash < 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(bits) || address.includes('%')) return false;
  return isIpAddress(address) && Number(bits) <= (address.includes(':') ? 128 : 32);
}

/** @source istio: pkg/config/validation/agent/validation.go, ValidateIPAddress */
export function ipAddressProblem(text: string): string | undefined {
  return isIpAddress(text) ? undefined : `${text} is not a valid IP`;
}

/** @source istio: pkg/config/validation/agent/validation.go, ValidateIPSubnet */
export function ipSubnetProblem(text: string): string | undefined {
  if (text.split('/').length !== 2) return ipAddressProblem(text);
  return isIpPrefix(text) ? undefined : `${text} is not a valid CIDR block`;
}
