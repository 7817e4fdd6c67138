import { isIpv4Address, isIpv6Address } from './names.ts';
import type { ProxyModel } from './proxy.ts';
import { type Service, UNSPECIFIED_ADDRESS } from './service.ts';

/**
 * The addresses under which a proxy knows a service. Of a Kubernetes Service only those of a family
 * that the proxy has; of a ServiceEntry its own, else, for proxies that capture DNS, the one that was
 * allocated to it. `0.0.0.0` when it has none.
 *
 * @source istio: pilot/pkg/model/service.go, getAllAddressesForProxy
 */
export function addressesForProxy(service: Service, proxy: ProxyModel): readonly string[] {
  if (service.registry === 'Kubernetes') {
    const reachable = service.addresses.filter((address) => isReachable(address, proxy));
    return reachable.length === 0 ? [UNSPECIFIED_ADDRESS] : reachable;
  }
  const { allocatedAddress } = service;
  const isCaptured = proxy.metadata.capturesDns === true && allocatedAddress !== undefined;
  return isCaptured ? [allocatedAddress] : service.addresses;
}

/** The address that listeners are made for. @source istio: pilot/pkg/model/service.go, GetAddressForProxy */
export function addressForProxy(service: Service, proxy: ProxyModel): string {
  return addressesForProxy(service, proxy)[0] ?? UNSPECIFIED_ADDRESS;
}

function isReachable(address: string, { ips }: ProxyModel): boolean {
  if (ips.length === 0) return true;
  return isIpv6Address(address) ? ips.some(isIpv6Address) : ips.some(isIpv4Address);
}
