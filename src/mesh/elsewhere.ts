import type { Acceptor, AcceptResult, ConnectOptions, ServerConnection } from '#envoy/network.ts';
import { ipOf, type SimulatedNetwork } from '#world/network.ts';
import type { AddressBook } from './address-book.ts';
import type { ExternalHosts } from './external-hosts.ts';

/**
 * Takes connections to addresses that nobody listens at. A cluster IP leads to one of its pods, as the
 * node would lead it; what is neither pod nor service is a host outside.
 */
export class Elsewhere implements Acceptor {
  readonly #network: SimulatedNetwork;
  readonly #addresses: AddressBook;
  readonly #external: ExternalHosts;

  constructor(network: SimulatedNetwork, addresses: AddressBook, external: ExternalHosts) {
    this.#network = network;
    this.#addresses = addresses;
    this.#external = external;
  }

  accept(connection: ServerConnection, options: ConnectOptions, nowNs: number): AcceptResult {
    const { originalDestination, sourceAddress } = options;
    const ip = ipOf(originalDestination);
    if (this.#addresses.podAt(ip) !== undefined) return 'refuse'; // Gone, or a port nobody serves.
    const service = this.#addresses.serviceAt(ip);
    if (service === undefined) return this.#external.instanceFor(ip).accept(connection, options);
    const port = Number(originalDestination.slice(originalDestination.lastIndexOf(':') + 1));
    const address = this.#addresses.behindService(service, port, ipOf(sourceAddress));
    const acceptor = address === undefined ? undefined : this.#network.acceptorAt(address);
    if (acceptor === undefined || address === undefined) return 'refuse';
    return acceptor.accept(connection, { ...options, originalDestination: address }, nowNs);
  }
}
