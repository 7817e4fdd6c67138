import type { Listener } from '#xds/listener.ts';
import { type ListenerLists, listenerAt } from './listener-index.ts';

/**
 * The listener that takes over a connection redirected to a `use_original_dst` listener: the one at the
 * exact original address, else the one at the wildcard address with that port, else none (the connection
 * stays where it arrived).
 *
 * @source envoy: source/common/listener_manager/connection_handler_impl.cc, getBalancedHandlerByAddress
 */
export function listenerForOriginalDestination(
  lists: ListenerLists,
  address: string,
  port: number,
): Listener | undefined {
  return listenerAt(lists, address, port) ?? listenerAt(lists, anyAddress(address), port);
}

function anyAddress(address: string): string {
  return address.includes(':') ? '::' : '0.0.0.0';
}
