import { multiplyUint64, type Uint64, uint64Of, xorUint64 } from './uint64.ts';

/**
 * MurmurHash2 (64 bits, the variant of libstdc++) of the Latin-1 bytes of `text`, under the seed that
 * Envoy's ring hash uses.
 *
 * @source envoy: source/common/common/hash.cc, MurmurHash::murmurHash2
 */
export function murmurHash2(text: string): Uint64 {
  const length = text.length;
  let hash = xorUint64(SEED, multiplyUint64(uint64Of(length), MULTIPLIER));
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    const data = multiplyUint64(loadBytes(text, at, 8), MULTIPLIER);
    hash = xorUint64(hash, multiplyUint64(shiftMix(data), MULTIPLIER));
    hash = multiplyUint64(hash, MULTIPLIER);
  }
  if (at < length) {
    hash = multiplyUint64(xorUint64(hash, loadBytes(text, at, length - at)), MULTIPLIER);
  }
  return shiftMix(multiplyUint64(shiftMix(hash), MULTIPLIER));
}

const SEED = uint64Of(0xc70f6907);
const MULTIPLIER: Uint64 = { high: 0xc6a4a793, low: 0x5bd1e995 };

/** `value ^ (value >> 47)`. */
function shiftMix({ high, low }: Uint64): Uint64 {
  return { high, low: (low ^ (high >>> 15)) >>> 0 };
}

/** Up to eight bytes, least significant first. */
function loadBytes(text: string, at: number, count: number): Uint64 {
  let high = 0;
  let low = 0;
  for (let byte = count - 1; byte >= 0; byte--) {
    high = (high << 8) | (low >>> 24);
    low = (low << 8) | (text.charCodeAt(at + byte) & 0xff);
  }
  return { high: high >>> 0, low: low >>> 0 };
}
