import { hexOfUint64 } from '#kernel/uint64.ts';
import { XxHash64Stream, xxHash64 } from '#kernel/xxhash64.ts';

/** Changes only together with what the words of a digest mean. */
const FORMAT = 1;
const EJECTION = 1;
const PUSH = 2;

/** A client request as the digest sees it: integers that no option of a run changes. */
export interface DigestedRequest {
  readonly number: number;
  readonly intendedNs: number;
  readonly endNs: number;
  readonly code: number;
}

export interface DigestedOutcome {
  /** Place of the client among all clients, by name. */
  readonly clientIndex: number;
  /** Bits of the frozen table (`response-flags.ts`). */
  readonly flagBits: number;
  /** `nameHash` of the last host's name; 0 for none. */
  readonly hostHash: number;
}

/**
 * The fingerprint of a run: XXH64 over 32-bit words, as `scenario.md` §4 lays down. First the format;
 * then of each client request, in order of completion: client index, number, start (high word,
 * low word), end (high, low), code, flag bits, attempts, hash of the last host's name; then, in order
 * of time, of each ejection: 1, time (high, low), hashes of the names of proxy, cluster and host; and
 * of each push: 2, time (high, low), hash of the proxy's name.
 */
export class Digest {
  readonly #stream = new XxHash64Stream();
  /** Of requests, hashed many at a time: half of what one costs. */
  readonly #words = new Int32Array(REQUEST_WORDS * 128);
  #wordCount = 0;
  /** Ejections and pushes follow the requests: kept until the end. */
  readonly #events: number[] = [];

  constructor() {
    this.#stream.add(FORMAT);
  }

  request(request: DigestedRequest, attempts: number, outcome: DigestedOutcome): void {
    const words = this.#words;
    const at = this.#wordCount;
    const { intendedNs, endNs } = request;
    words[at] = outcome.clientIndex;
    words[at + 1] = request.number;
    words[at + 2] = Math.floor(intendedNs / WORD);
    words[at + 3] = intendedNs;
    words[at + 4] = Math.floor(endNs / WORD);
    words[at + 5] = endNs;
    words[at + 6] = request.code;
    words[at + 7] = outcome.flagBits;
    words[at + 8] = attempts;
    words[at + 9] = outcome.hostHash;
    this.#wordCount = at + REQUEST_WORDS;
    if (this.#wordCount === words.length) this.#hashRequests();
  }

  ejection(atNs: number, proxyHash: number, clusterHash: number, hostHash: number): void {
    this.#events.push(EJECTION, Math.floor(atNs / WORD), atNs, proxyHash, clusterHash, hostHash);
  }

  push(atNs: number, proxyHash: number): void {
    this.#events.push(PUSH, Math.floor(atNs / WORD), atNs, proxyHash);
  }

  /** Ends the digest: 16 hexadecimal digits. Called once. */
  finish(): string {
    this.#hashRequests();
    for (const word of this.#events) this.#stream.add(word);
    return hexOfUint64(this.#stream.value());
  }

  #hashRequests(): void {
    this.#stream.addAll(this.#words, this.#wordCount);
    this.#wordCount = 0;
  }
}

/** What stands for a name in a digest: the low word of its XXH64. */
export function nameHash(name: string): number {
  return name === '' ? 0 : xxHash64(name).low;
}

const WORD = 4294967296;
const REQUEST_WORDS = 10;
