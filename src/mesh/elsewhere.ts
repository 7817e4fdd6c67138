import type { AcceptResult, ConnectOptions, ServerConnection } from '#envoy/network.ts';
import { ipOf, isWithinPod, type Elsewhere as WorldElsewhere } from '#world/network.ts';
import type { AddressBook } from './address-book.ts';
import type { ExternalHosts } from './external-hosts.ts';

/**
 * Takes connections to addresses that nobody listens at. A cluster IP leads to one of its pods, as the
 * node would lead it; what is neither pod nor service is a host outside.
 */
export class Elsewhere implements WorldElsewhere {
  readonly #addresses: AddressBook;
  readonly #external: ExternalHosts;

  constructor(addresses: AddressBook, external: ExternalHosts) {
    this.#addresses = addresses;
    this.#external = external;
  }

  leadsTo(address: string, sourceAddress: string): string | undefined {
    const service = this.#addresses.serviceAt(ipOf(address));
    if (service === undefined) return undefined;
    const port = Number(address.slice(address.lastIndexOf(':') + 1));
    return this.#addresses.behindService(service, port, ipOf(sourceAddress));
  }

  accept(connection: ServerConnection, options: ConnectOptions): AcceptResult {
    // The pod's own application is gone.
    if (isWithinPod(options.originalDestination)) return 'refuse';
    const ip = ipOf(options.originalDestination);
    // Gone, or a port nobody serves; a service without a ready pod.
    if (this.#addresses.podAt(ip) !== undefined) return 'refuse';
    if (this.#addresses.serviceAt(ip) !== undefined) return 'refuse';
    return this.#external.instanceFor(ip).accept(connection, options);
  }
}
