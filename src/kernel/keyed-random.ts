import { uint64Of } from './uint64.ts';
import { xxHash64 } from './xxhash64.ts';

/**
 * What a draw belongs to. The same key gives the same draw, whatever else the run has drawn: so two
 * runs that differ in a policy can be compared request by request.
 */
export interface DrawKey {
  /** Number of the client's request that everything else follows from; up to 2⁵³. */
  readonly rootNumber: number;
  /** Whose requests are counted by `rootNumber`: `streamHash(seed, 'client/shop')`. */
  readonly streamHash: number;
  /** The way of calls from the root, not the hosts on it: see `extendCallPath`. */
  readonly callPathHash: number;
  /** 1 for the first try of the last call of the path. */
  readonly attempt: number;
}

/** The 32-bit hash of a stream's name under the run's seed, signed: V8 keeps that in the object itself. */
export function streamHash(seed: number, name: string): number {
  return xxHash64(name, uint64Of(seed)).low | 0;
}

/** The call path that goes on with the call number `call` of its last workload; a root path is 0. */
export function extendCallPath(callPathHash: number, call: number): number {
  return mix(callPathHash ^ Math.imul(call + 1, 0x9e3779b1), 0x85ebca6b);
}

/**
 * Uniform in [0, 1), 53 bits: the draw of the stream `purpose` (`streamHash(seed, 'fault/…')`) that
 * belongs to `key`. Nothing is created.
 *
 * Two 32-bit words take up the key, word by word, each word stirring both (the finalizer of
 * MurmurHash3 is the mixer). `keyed-random.test.ts` shows what it is good for: even, without
 * correlation between neighbouring requests, attempts, paths and purposes.
 */
export function keyedUniform(purpose: number, key: DrawKey): number {
  const rootLow = key.rootNumber >>> 0;
  const rootHigh = Math.floor(key.rootNumber / 4294967296);
  let a = mix(purpose ^ 0x2545f491, 0x85ebca6b);
  let b = mix(key.streamHash ^ a, 0xc2b2ae35);
  a = mix(a ^ rootLow, 0x21f0aaad) ^ b;
  b = mix(b ^ rootLow ^ Math.imul(rootHigh, 0x9e3779b1), 0x735a2d97) + a;
  a = mix(a ^ key.callPathHash, 0x85ebca6b) ^ b;
  b = mix(b ^ Math.imul(key.attempt, 0x9e3779b1), 0xc2b2ae35) + a;
  a = mix(a + b, 0x21f0aaad);
  b = mix(b ^ a, 0x735a2d97);
  return ((a >>> 5) * 67108864 + (b >>> 6)) * 2 ** -53;
}

function mix(word: number, multiplier: number): number {
  word = Math.imul(word ^ (word >>> 16), multiplier);
  word = Math.imul(word ^ (word >>> 13), 0x45d9f3b);
  return word ^ (word >>> 16);
}
