import { hexOfUint64 } from '#kernel/uint64.ts';
import { XxHash64Stream, xxHash64 } from '#kernel/xxhash64.ts';

/** Changes only together with what the words of a digest mean. */
const FORMAT = 1;
const EJECTION = 1;
const PUSH = 2;

/** A client request as the digest sees it: integers that no option of a run changes. */
export interface DigestedRequest {
  /** Place of the client among all clients, by name. */
  readonly clientIndex: number;
  readonly number: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly code: number;
  /** Bits of the frozen table (`response-flags.ts`). */
  readonly flagBits: number;
  readonly attempts: number;
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
  readonly #words = new Int32Array(10);
  /** Ejections and pushes follow the requests: kept until the end. */
  readonly #events: number[] = [];

  constructor() {
    this.#stream.add(FORMAT);
  }

  request(request: DigestedRequest): void {
    const words = this.#words;
    const { startNs, endNs } = request;
    words[0] = request.clientIndex;
    words[1] = request.number;
    words[2] = Math.floor(startNs / WORD);
    words[3] = startNs;
    words[4] = Math.floor(endNs / WORD);
    words[5] = endNs;
    words[6] = request.code;
    words[7] = request.flagBits;
    words[8] = request.attempts;
    words[9] = request.hostHash;
    this.#stream.addAll(words, 10);
  }

  ejection(atNs: number, proxyHash: number, clusterHash: number, hostHash: number): void {
    this.#events.push(EJECTION, Math.floor(atNs / WORD), atNs, proxyHash, clusterHash, hostHash);
  }

  push(atNs: number, proxyHash: number): void {
    this.#events.push(PUSH, Math.floor(atNs / WORD), atNs, proxyHash);
  }

  /** Ends the digest: 16 hexadecimal digits. Called once. */
  finish(): string {
    for (const word of this.#events) this.#stream.add(word);
    return hexOfUint64(this.#stream.value());
  }
}

/** What stands for a name in a digest: the low word of its XXH64. */
export function nameHash(name: string): number {
  return name === '' ? 0 : xxHash64(name).low;
}

const WORD = 4294967296;
