import { isWildcard } from './host-name.ts';
import { type Service, serviceKey, UNSPECIFIED_ADDRESS } from './service.ts';

const OPT_OUT_LABEL = 'networking.istio.io/enable-autoallocate-ip';

/** Addresses in 240.240.0.0/16 of which none ends in 0 or 255. */
const ADDRESSES_PER_OCTET = 254;
const MAX_ADDRESSES = 256 * ADDRESSES_PER_OCTET;

/**
 * Services with an address for each host of a ServiceEntry that has none, in the order of their age:
 * what applications are told where the proxy answers DNS.
 *
 * @source istio: pilot/pkg/networking/serviceentry/serviceentry.go, ShouldV2AutoAllocateIP
 */
export function withAllocatedAddresses(services: readonly Service[]): readonly Service[] {
  const allocated = new Map<string, string>();
  return services.map((service) => {
    if (!needsAddress(service)) return service;
    const key = serviceKey(service);
    let allocatedAddress = allocated.get(key);
    if (allocatedAddress === undefined) {
      if (allocated.size === MAX_ADDRESSES) return service;
      allocatedAddress = addressNumber(allocated.size);
      allocated.set(key, allocatedAddress);
    }
    return { ...service, allocatedAddress };
  });
}

function needsAddress({
  registry,
  resolution,
  hostname,
  defaultAddress,
  labels,
}: Service): boolean {
  return (
    registry === 'External' &&
    resolution !== 'Passthrough' &&
    !isWildcard(hostname) &&
    defaultAddress === UNSPECIFIED_ADDRESS &&
    labels.get(OPT_OUT_LABEL)?.toLowerCase() !== 'false'
  );
}

function addressNumber(index: number): string {
  const third = Math.floor(index / ADDRESSES_PER_OCTET);
  return `240.240.${third}.${1 + (index % ADDRESSES_PER_OCTET)}`;
}
