import type { Random } from '#kernel/random.ts';
import { ipOf, type LatencyModel } from '#world/network.ts';
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

/** Where an address stands. */
export interface NetworkPlace {
  readonly region: string;
  readonly zone: string;
  /** `namespace/name` and the name alone. */
  readonly workload: string;
}

/** Something is different between two parts of the mesh for a while. */
export interface NetworkRule {
  /** Workloads, zones or regions. */
  readonly between: readonly [string, string];
  /** One way; undefined = as before. */
  readonly latencyNs: number | undefined;
  readonly lossShare: number;
  /** Nothing passes. */
  readonly isPartition: boolean;
  /** `Infinity` = to the end. */
  readonly untilNs: number;
}

/** Linux' smallest retransmission timeout: a lost message comes that much later. */
const RETRANSMISSION_NS = 200_000_000;
/** Later than any run: what a partition without an end does to a message. */
const NEVER_NS = 1e15;

/**
 * Where every address stands, and how far it is from one to the other. Addresses nobody placed are
 * outside the mesh. Paths are shared: one object per kind of distance, unless rules may change what
 * lies between two addresses; then each pair has a path of its own.
 */
export class LatencyMap implements LatencyModel {
  readonly #latencies: NetworkLatencies;
  readonly #places = new Map<string, NetworkPlace>();
  readonly #inside: NetworkPath = { requestNs: 0, responseNs: 0 };
  readonly #sameZone: NetworkPath;
  readonly #acrossZones: NetworkPath;
  readonly #acrossRegions: NetworkPath;
  readonly #outside: NetworkPath;
  readonly #pairs: Map<string, PairPath> | undefined;
  readonly #rules: NetworkRule[] = [];
  readonly #random: Random;

  /** `mayChange`: rules will come, or messages are lost. `random` decides which. */
  constructor(latencies: NetworkLatencies, mayChange: boolean, random: Random) {
    const { requestNs, responseNs, zonesNs, regionsNs, outsideNs } = latencies;
    this.#latencies = latencies;
    this.#sameZone = { requestNs, responseNs };
    this.#acrossZones = { requestNs: zonesNs, responseNs: zonesNs };
    this.#acrossRegions = { requestNs: regionsNs, responseNs: regionsNs };
    this.#outside = { requestNs: outsideNs, responseNs: outsideNs };
    this.#pairs = mayChange || latencies.lossShare > 0 ? new Map() : undefined;
    this.#random = random;
  }

  /** Puts an IP of the mesh into its locality. */
  place(ip: string, locality: string, workload: string): void {
    const [region = '', zone = ''] = locality.split('/');
    this.#places.set(ip, { region, zone, workload });
  }

  /** Holds from now on, also for connections that are open. */
  addRule(rule: NetworkRule): void {
    this.#rules.push(rule);
    for (const pair of this.#pairs?.values() ?? []) pair.take(rule);
  }

  pathBetween(sourceAddress: string, destinationAddress: string): NetworkPath {
    const source = ipOf(sourceAddress);
    const destination = ipOf(destinationAddress);
    if (source === destination) return this.#inside;
    const base = this.#distance(source, destination);
    if (this.#pairs === undefined) return base;
    const key = `${source} ${destination}`;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      const places = [this.#places.get(source), this.#places.get(destination)] as const;
      pair = new PairPath(base, places, this.#latencies.lossShare, this.#random);
      for (const rule of this.#rules) pair.take(rule);
      this.#pairs.set(key, pair);
    }
    return pair;
  }

  #distance(sourceIp: string, destinationIp: string): NetworkPath {
    const source = this.#places.get(sourceIp);
    const destination = this.#places.get(destinationIp);
    if (source === undefined || destination === undefined) return this.#outside;
    if (source.region !== destination.region) return this.#acrossRegions;
    return source.zone === destination.zone ? this.#sameZone : this.#acrossZones;
  }
}

/** The way between two addresses, with what rules have done to it. */
class PairPath implements NetworkPath {
  readonly requestNs: number;
  readonly responseNs: number;
  readonly #places: readonly [NetworkPlace | undefined, NetworkPlace | undefined];
  readonly #lossShare: number;
  readonly #random: Random;
  #rules: NetworkRule[] = [];

  constructor(
    base: NetworkPath,
    places: readonly [NetworkPlace | undefined, NetworkPlace | undefined],
    lossShare: number,
    random: Random,
  ) {
    this.requestNs = base.requestNs;
    this.responseNs = base.responseNs;
    this.#places = places;
    this.#lossShare = lossShare;
    this.#random = random;
  }

  /** Keeps a rule that is about these two places, whichever way round. */
  take(rule: NetworkRule): void {
    const [a, b] = this.#places;
    const [one, other] = rule.between;
    const isOurs = (isAt(a, one) && isAt(b, other)) || (isAt(a, other) && isAt(b, one));
    if (isOurs) this.#rules.push(rule);
  }

  extraNs(nowNs: number): number {
    let extraNs = 0;
    let lossShare = this.#lossShare;
    if (this.#rules.some(({ untilNs }) => untilNs <= nowNs))
      this.#rules = this.#rules.filter(({ untilNs }) => untilNs > nowNs);
    for (const rule of this.#rules) {
      // What is sent into a partition arrives when it ends: the sender keeps trying.
      if (rule.isPartition) return Math.min(rule.untilNs - nowNs, NEVER_NS);
      if (rule.latencyNs !== undefined)
        extraNs = Math.max(extraNs, rule.latencyNs - this.requestNs);
      lossShare = Math.max(lossShare, rule.lossShare);
    }
    while (lossShare > 0 && this.#random.uniform() < lossShare) extraNs += RETRANSMISSION_NS;
    return Math.max(0, extraNs);
  }
}

/** By workload (with or without namespace), zone or region. */
function isAt(place: NetworkPlace | undefined, name: string): boolean {
  if (place === undefined) return false;
  const { workload, zone, region } = place;
  return workload === name || workload.endsWith(`/${name}`) || zone === name || region === name;
}
