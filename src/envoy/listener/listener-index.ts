import { memoOf } from '#kernel/memo.ts';
import type { Listener } from '#xds/listener.ts';

/** A list of listeners for the questions that connections ask. */
interface ListenerIndex {
  readonly byName: ReadonlyMap<string, Listener>;
  /** Those that a connection may come to by itself, by port: of several the first. */
  readonly bound: ReadonlyMap<number, Listener>;
  /** By `address port`: of several the first. */
  readonly byAddress: ReadonlyMap<string, Listener>;
}

/** A proxy's listeners, in parts. */
export type ListenerLists = readonly (readonly Listener[])[];

/** The listener of that name. */
export function listenerNamed(lists: ListenerLists, name: string): Listener | undefined {
  for (const list of lists) {
    const found = indexOf(list).byName.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The listener that is bound to a port. */
export function listenerBoundTo(lists: ListenerLists, port: number): Listener | undefined {
  for (const list of lists) {
    const found = indexOf(list).bound.get(port);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The listener one of whose addresses is `address:port`.
 *
 * @source envoy: source/common/listener_manager/connection_handler_impl.cc, tcp_listener_map_by_address_
 */
export function listenerAt(
  lists: ListenerLists,
  address: string,
  port: number,
): Listener | undefined {
  const key = keyOf(address, port);
  for (const list of lists) {
    const found = indexOf(list).byAddress.get(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Each list is indexed once for all the proxies that share it. */
const indexOf = memoOf(newIndex);

function newIndex(listeners: readonly Listener[]): ListenerIndex {
  const byName = new Map<string, Listener>();
  const bound = new Map<number, Listener>();
  const byAddress = new Map<string, Listener>();
  for (const listener of listeners) {
    byName.set(listener.name, listener);
    const port = listener.address.socketAddress?.portValue;
    if (listener.bindToPort !== false && port !== undefined) setFirst(bound, port, listener);
    const others = listener.additionalAddresses ?? [];
    for (const { socketAddress } of [listener.address, ...others.map((it) => it.address)]) {
      if (socketAddress === undefined) continue;
      const { address, portValue = 0 } = socketAddress;
      setFirst(byAddress, keyOf(address, portValue), listener);
    }
  }
  return { byName, bound, byAddress };
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}

function setFirst<Key>(listeners: Map<Key, Listener>, key: Key, listener: Listener): void {
  if (!listeners.has(key)) listeners.set(key, listener);
}
