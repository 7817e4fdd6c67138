import type { LatencyModel } from '#world/network.ts';
import { ipOf } from '#world/network.ts';
import type { NetworkPath } from '#world/wire-connection.ts';

/** One-way latencies between places; from a zone to itself requests and answers may differ. */
export interface NetworkLatencies {
  readonly requestNs: number;
  readonly responseNs: number;
  readonly zonesNs: number;
  readonly regionsNs: number;
  readonly outsideNs: number;
  /** Of messages; a lost one comes again after the retransmission timeout. */
  readonly lossShare: number;
}

/** `region/zone/subzone` in parts. */
interface Place {
  readonly region: string;
  readonly zone: string;
}

/**
 * Where every address stands, and how far it is from one to the other. Addresses nobody placed are
 * outside the mesh. Paths are shared: one object per kind of distance, so that they can be compared
 * and changed while connections use them.
 */
export class LatencyMap implements LatencyModel {
  readonly #places = new Map<string, Place>();
  readonly #inside: NetworkPath = { requestNs: 0, responseNs: 0 };
  readonly #sameZone: NetworkPath;
  readonly #acrossZones: NetworkPath;
  readonly #acrossRegions: NetworkPath;
  readonly #outside: NetworkPath;

  constructor(latencies: NetworkLatencies) {
    const { requestNs, responseNs, zonesNs, regionsNs, outsideNs } = latencies;
    this.#sameZone = { requestNs, responseNs };
    this.#acrossZones = { requestNs: zonesNs, responseNs: zonesNs };
    this.#acrossRegions = { requestNs: regionsNs, responseNs: regionsNs };
    this.#outside = { requestNs: outsideNs, responseNs: outsideNs };
  }

  /** Puts an IP of the mesh into its locality. */
  place(ip: string, locality: string): void {
    const [region = '', zone = ''] = locality.split('/');
    this.#places.set(ip, { region, zone });
  }

  pathBetween(sourceAddress: string, destinationAddress: string): NetworkPath {
    const sourceIp = ipOf(sourceAddress);
    const destinationIp = ipOf(destinationAddress);
    if (sourceIp === destinationIp) return this.#inside;
    const source = this.#places.get(sourceIp);
    const destination = this.#places.get(destinationIp);
    if (source === undefined || destination === undefined) return this.#outside;
    if (source.region !== destination.region) return this.#acrossRegions;
    return source.zone === destination.zone ? this.#sameZone : this.#acrossZones;
  }
}
