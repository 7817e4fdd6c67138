import type { Listener } from '#xds/listener.ts';

/**
 * The listener that takes over a connection redirected to a `use_original_dst` listener: the one at the
 * exact original address, else the one at the wildcard address with that port, else none (the connection
 * stays where it arrived).
 *
 * @source envoy: source/common/listener_manager/connection_handler_impl.cc, getBalancedHandlerByAddress
 */
export function listenerForOriginalDestination(
  listeners: readonly Listener[],
  address: string,
  port: number,
): Listener | undefined {
  return (
    listeners.find((listener) => listensAt(listener, address, port)) ??
    listeners.find((listener) => listensAt(listener, anyAddress(address), port))
  );
}

/** True when one of the listener's addresses is `address:port`. */
export function listensAt(listener: Listener, address: string, port: number): boolean {
  const addresses = [
    listener.address,
    ...(listener.additionalAddresses ?? []).map((a) => a.address),
  ];
  return addresses.some(
    ({ socketAddress }) =>
      socketAddress?.address === address && (socketAddress.portValue ?? 0) === port,
  );
}

function anyAddress(address: string): string {
  return address.includes(':') ? '::' : '0.0.0.0';
}
