/**
 * An unsigned 64-bit integer as two unsigned 32-bit words: Envoy's hashes and stream randoms, which
 * do not fit a double. Plain functions of words, for code that must not make objects; `Uint64` for
 * the rest.
 */
export interface Uint64 {
  readonly high: number;
  readonly low: number;
}

export const ZERO_UINT64: Uint64 = { high: 0, low: 0 };

const WORD = 2 ** 32;

/** Of a safe, non-negative integer. */
export function uint64Of(value: number): Uint64 {
  return { high: Math.floor(value / WORD) >>> 0, low: value >>> 0 };
}

/** `value mod divisor`, exactly; the divisor is an integer from 1 to 2³⁷. */
export function modUint64(value: Uint64, divisor: number): number {
  return modWords(value.high, value.low, divisor);
}

export function modWords(high: number, low: number, divisor: number): number {
  // A remainder below 2²¹ leaves room for a whole word, one below 2³⁷ for half of one.
  if (divisor <= 2 ** 21) return ((high % divisor) * WORD + low) % divisor;
  const upper = ((high % divisor) * 65536 + (low >>> 16)) % divisor;
  return (upper * 65536 + (low & 0xffff)) % divisor;
}

/** The nearest double. */
export function uint64ToNumber(value: Uint64): number {
  return value.high * WORD + value.low;
}

/** Negative, zero or positive as `a` is below, equal to or above `b`. */
export function compareUint64(a: Uint64, b: Uint64): number {
  return a.high - b.high || a.low - b.low;
}

export function equalUint64(a: Uint64, b: Uint64): boolean {
  return a.high === b.high && a.low === b.low;
}

export function xorUint64(a: Uint64, b: Uint64): Uint64 {
  return { high: (a.high ^ b.high) >>> 0, low: (a.low ^ b.low) >>> 0 };
}

/** Modulo 2⁶⁴. */
export function addUint64(a: Uint64, b: Uint64): Uint64 {
  const low = a.low + b.low;
  return { high: (a.high + b.high + (low >= WORD ? 1 : 0)) >>> 0, low: low >>> 0 };
}

/** Modulo 2⁶⁴. */
export function multiplyUint64(a: Uint64, b: Uint64): Uint64 {
  const high = Math.imul(a.high, b.low) + Math.imul(a.low, b.high) + multiplyHigh(a.low, b.low);
  return { high: high >>> 0, low: Math.imul(a.low, b.low) >>> 0 };
}

/** Rotated left by `bits`, from 0 to 63. */
export function rotateLeftUint64(value: Uint64, bits: number): Uint64 {
  const [high, low] = bits < 32 ? [value.high, value.low] : [value.low, value.high];
  const shift = bits & 31;
  if (shift === 0) return { high, low };
  return {
    high: ((high << shift) | (low >>> (32 - shift))) >>> 0,
    low: ((low << shift) | (high >>> (32 - shift))) >>> 0,
  };
}

/** The upper word of the product of two words. */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const rest = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(rest / 65536)) >>> 0;
}

/** Undefined unless `text` is decimal digits of a number below 2⁶⁴. */
export function parseUint64(text: string): Uint64 | undefined {
  if (!/^[0-9]{1,20}$/.test(text)) return undefined;
  let high = 0;
  let low = 0;
  for (const digit of text) {
    const lowTimesTen = low * 10 + Number(digit);
    high = high * 10 + Math.floor(lowTimesTen / WORD);
    low = lowTimesTen >>> 0;
    if (high >= WORD) return undefined;
  }
  return { high, low };
}

/** In decimal. */
export function printUint64(value: Uint64): string {
  let { high, low } = value;
  let text = '';
  while (high > 0 || low >= 1e6) {
    const upper = (high % 1e6) * WORD + low; // Six digits at a time: 10⁶·2³² is below 2⁵³.
    high = Math.floor(high / 1e6);
    low = Math.floor(upper / 1e6);
    text = String(upper % 1e6).padStart(6, '0') + text;
  }
  return low === 0 && text !== '' ? text.replace(/^0+/, '') : String(low) + text;
}

/** As 16 hexadecimal digits. */
export function hexOfUint64(value: Uint64): string {
  return hexOfWord(value.high) + hexOfWord(value.low);
}

function hexOfWord(word: number): string {
  return word.toString(16).padStart(8, '0');
}
