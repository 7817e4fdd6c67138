import { keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import { ipOf, type LatencyModel } from '#world/network.ts';
import type { NetworkPath } from '#world/network-path.ts';

/** One-way latencies between places; from a zone to itself requests and answers may differ. */
export interface NetworkLatencies {
  readonly requestNs: number;
  readonly responseNs: number;
  readonly zonesNs: number;
  readonly regionsNs: number;
  readonly outsideNs: number;
  /** Each message takes up to that much longer, evenly. */
  readonly jitterNs: number;
  /** Of messages; a lost one comes again after the retransmission timeout. */
  readonly lossShare: number;
  /** Of messages; instead of arriving it ends its connection. */
  readonly resetShare: number;
}

/** Where an address stands. */
export interface NetworkPlace {
  readonly region: string;
  readonly zone: string;
  readonly node: string;
  /** `namespace/name`. */
  readonly workload: string;
}

/** Something is different between two parts of the mesh for a while. */
export interface NetworkRule {
  /** Each a set of workloads, nodes, zones, regions; `outside` is what lies beyond the mesh, `*` everything. */
  readonly between: readonly [readonly string[], readonly string[]];
  /** One way; undefined = as before. */
  readonly latencyNs: number | undefined;
  readonly jitterNs: number;
  readonly lossShare: number;
  readonly resetShare: number;
  /** Nothing passes. */
  readonly isPartition: boolean;
  /** `Infinity` = to the end. */
  readonly untilNs: number;
}

/** Names of places that no manifest gives. */
export const OUTSIDE = 'outside';
export const EVERYWHERE = '*';

/** Linux' smallest retransmission timeout: a lost message comes that much later, twice as much if lost again. */
const RETRANSMISSION_NS = 200_000_000;
/** Linux' `tcp_retries2`. */
const MAX_RETRANSMISSIONS = 15;
/** Later than any run: what a partition without an end does to a message. */
const NEVER_NS = 1e15;

/**
 * Where every address stands, and how far it is from one to the other. Addresses nobody placed are
 * outside the mesh. Paths are shared: one object per kind of distance, unless chance or rules may change
 * what lies between two addresses; then each pair has a path, and draws, of its own.
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
  readonly #seed: number;

  /** `mayChange`: rules will come. */
  constructor(latencies: NetworkLatencies, mayChange: boolean, seed: number) {
    const { requestNs, responseNs, zonesNs, regionsNs, outsideNs } = latencies;
    this.#latencies = latencies;
    this.#seed = seed;
    this.#sameZone = { requestNs, responseNs };
    this.#acrossZones = { requestNs: zonesNs, responseNs: zonesNs };
    this.#acrossRegions = { requestNs: regionsNs, responseNs: regionsNs };
    this.#outside = { requestNs: outsideNs, responseNs: outsideNs };
    const { jitterNs, lossShare, resetShare } = latencies;
    const isRandom = jitterNs > 0 || lossShare > 0 || resetShare > 0;
    this.#pairs = mayChange || isRandom ? new Map() : undefined;
  }

  /** Puts an IP of the mesh into its place. */
  place(ip: string, locality: string, node: string, workload: string): void {
    const [region = '', zone = ''] = locality.split('/');
    const former = this.#places.get(ip);
    this.#places.set(ip, { region, zone, node, workload });
    if (former !== undefined && former.node !== node) this.#forgetPaths(ip);
  }

  /** A pod with a former one's address stands elsewhere. */
  #forgetPaths(ip: string): void {
    for (const key of [...(this.#pairs?.keys() ?? [])])
      if (key.split(' ').includes(ip)) this.#pairs!.delete(key);
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
      pair = new PairPath(base, places, this.#latencies, streamHash(this.#seed, `network/${key}`));
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

const JITTER = streamHash(0, 'network/jitter');
const LOSS = streamHash(0, 'network/loss');
const RESET = streamHash(0, 'network/reset');

/** The way between two addresses, with what chance and rules do to it. */
class PairPath implements NetworkPath {
  readonly requestNs: number;
  readonly responseNs: number;
  readonly #places: readonly [NetworkPlace | undefined, NetworkPlace | undefined];
  readonly #latencies: NetworkLatencies;
  /** The number of the message, for its draws. */
  readonly #key: { rootNumber: number; streamHash: number; callPathHash: number; attempt: number };
  #rules: NetworkRule[] = [];

  constructor(
    base: NetworkPath,
    places: readonly [NetworkPlace | undefined, NetworkPlace | undefined],
    latencies: NetworkLatencies,
    hash: number,
  ) {
    this.requestNs = base.requestNs;
    this.responseNs = base.responseNs;
    this.#places = places;
    this.#latencies = latencies;
    this.#key = { rootNumber: 0, streamHash: hash, callPathHash: 0, attempt: 1 };
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
    let { lossShare, jitterNs } = this.#latencies;
    for (const rule of this.#rulesNow(nowNs)) {
      // What is sent into a partition arrives when it ends: the sender keeps trying.
      if (rule.isPartition) return Math.min(rule.untilNs - nowNs, NEVER_NS);
      if (rule.latencyNs !== undefined)
        extraNs = Math.max(extraNs, rule.latencyNs - this.requestNs);
      lossShare = Math.max(lossShare, rule.lossShare);
      jitterNs = Math.max(jitterNs, rule.jitterNs);
    }
    const key = this.#key;
    key.rootNumber++;
    if (jitterNs > 0) extraNs += Math.floor(keyedUniform(JITTER, key) * (jitterNs + 1));
    let againNs = RETRANSMISSION_NS;
    for (key.attempt = 1; key.attempt <= MAX_RETRANSMISSIONS; key.attempt++) {
      if (lossShare === 0 || keyedUniform(LOSS, key) >= lossShare) break;
      extraNs += againNs;
      againNs *= 2;
    }
    key.attempt = 1;
    return extraNs;
  }

  isReset(nowNs: number): boolean {
    let { resetShare } = this.#latencies;
    for (const rule of this.#rulesNow(nowNs)) resetShare = Math.max(resetShare, rule.resetShare);
    return resetShare > 0 && keyedUniform(RESET, this.#key) < resetShare;
  }

  #rulesNow(nowNs: number): readonly NetworkRule[] {
    if (this.#rules.some(({ untilNs }) => untilNs <= nowNs))
      this.#rules = this.#rules.filter(({ untilNs }) => untilNs > nowNs);
    return this.#rules;
  }
}

/** In one of the sets: by workload (with or without namespace), node, zone or region. */
function isAt(place: NetworkPlace | undefined, names: readonly string[]): boolean {
  if (names.includes(EVERYWHERE)) return true;
  if (place === undefined) return names.includes(OUTSIDE);
  const { workload, node, zone, region } = place;
  return names.some(
    (name) =>
      workload === name ||
      workload.endsWith(`/${name}`) ||
      node === name ||
      zone === name ||
      region === name,
  );
}
