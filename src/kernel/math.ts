/**
 * Logarithm, exponential and power that give the same bits on every engine. The standard leaves the
 * last bit of `Math.log`, `Math.exp` and `**` open, and one bit moves a digest; `+ − × ÷` and
 * `Math.sqrt` are exact (docs/adr/0005-portable-math.md). Errors are below one unit in the last place (measured against the
 * engine's own in `math.test.ts`).
 *
 * `log` and `exp` follow the method and use the minimax constants of FDLIBM by Sun Microsystems
 * (e_log.c, e_exp.c). `pow` is our own: a logarithm in two doubles, then `exp`.
 */

const BITS = new ArrayBuffer(8);
const DOUBLE = new Float64Array(BITS);
const WORDS = new Int32Array(BITS);
// Which of the two words holds sign and exponent depends on the machine.
DOUBLE[0] = 1;
const HIGH = WORDS[1] === 0 ? 0 : 1;
const LOW = 1 - HIGH;

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** The natural logarithm; −∞ at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  // x = 2^k · (1 + f) with √2/2 < 1 + f < √2; the logarithm of 1 + f is a series in s = f / (2 + f).
  let k = splitBinary(x);
  let m = DOUBLE[0]!;
  if (m > Math.SQRT2) {
    m /= 2;
    k++;
  }
  const f = m - 1;
  if (f === 0) return k * LN2_HIGH + k * LN2_LOW;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const even =
    z *
    (0.6666666666666735 +
      w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + (odd + even)) + k * LN2_LOW) - f);
}

/** e to the power x. */
export function exp(x: number): number {
  return expOfSum(x, 0);
}

/** x to the power y, for x ≥ 0 or integer y; as `**`, but NaN to the power 0 is not asked for. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x < 0) {
    if (!Number.isInteger(y)) return Number.NaN;
    return Math.abs(y % 2) === 1 ? -pow(-x, y) : pow(-x, y);
  }
  if (y === 1) return x;
  if (y === 0.5) return Math.sqrt(x);
  if (x === 0) return y > 0 ? 0 : Number.POSITIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return y > 0 ? x : 0;
  if (Math.abs(y) === Number.POSITIVE_INFINITY)
    return x > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  return powPositive(x, y);
}

/**
 * For finite x > 0 and y. The logarithm needs some 63 good bits, for it is multiplied by up to 745 / log x:
 * log x = k·ln 2 + 2·(s + s³/3 + s⁵/5 + …) with s = (m − 1) / (m + 1), whose first two terms are
 * carried in two doubles; those after are less than 2⁻¹² of the whole and need only one.
 */
function powPositive(x: number, y: number): number {
  let k = splitBinary(x);
  let m = DOUBLE[0]!;
  if (m > Math.SQRT2) {
    m /= 2;
    k++;
  }
  // s = f / d in two doubles; f is exact, d = m + 1 is not always.
  const f = m - 1;
  const dHigh = m + 1;
  const dLow = m - (dHigh - 1);
  const s = f / dHigh;
  const sLow = (f - s * dHigh - productError(s, dHigh, s * dHigh) - s * dLow) / dHigh;
  // z = s², c = s³ / 3.
  const z = s * s;
  const zLow = productError(s, s, z) + 2 * s * sLow;
  const cube = s * z;
  const cubeLow = productError(s, z, cube) + s * zLow + sLow * z;
  const third = cube / 3;
  const thirdLow = (cube - third * 3 - productError(third, 3, third * 3) + cubeLow) / 3;
  const rest = z * cube * atanhTail(z);
  // log x, largest part first.
  const kHigh = k * LN2_HIGH;
  const a = kHigh + 2 * s;
  const aLow = sumError(kHigh, 2 * s, a);
  const b = a + 2 * third;
  const bLow = sumError(a, 2 * third, b);
  const tail = aLow + bLow + k * LN2_LOW + 2 * (sLow + thirdLow + rest);
  const logHigh = b + tail;
  const logLow = tail - (logHigh - b);
  const product = y * logHigh;
  if (product > 710) return Number.POSITIVE_INFINITY;
  if (product < -746) return 0;
  return expOfSum(product, productError(y, logHigh, product) + y * logLow);
}

/** 1/5 + z/7 + z²/9 + … for z ≤ 0.0295, to less than 2⁻⁵³ of the first term. */
function atanhTail(z: number): number {
  let sum = 0;
  for (let odd = 27; odd >= 5; odd -= 2) sum = sum * z + 1 / odd;
  return sum;
}

const INVERSE_LN2 = Math.LOG2E;

/** e^(x + tail), the tail being smaller than half a unit in the last place of x. */
function expOfSum(x: number, tail: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019412) return 0;
  // x = k·ln 2 + r with |r| ≤ ln 2 / 2; e^r by a rational approximation in r².
  const k = Math.abs(x) < 0.34 ? 0 : Math.floor(x * INVERSE_LN2 + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW - tail;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  return k === 0 ? y : timesPowerOfTwo(y, k);
}

/** Splits x = 2^k · m with 1 ≤ m < 2: gives k, and leaves m in `DOUBLE[0]`. x is positive and finite. */
function splitBinary(x: number): number {
  DOUBLE[0] = x;
  let bias = 1023;
  if (WORDS[HIGH]! < 0x00100000) {
    DOUBLE[0] = x * 18014398509481984; // Subnormal: times 2⁵⁴.
    bias += 54;
  }
  const high = WORDS[HIGH]!;
  WORDS[HIGH] = (high & 0x000fffff) | 0x3ff00000;
  return (high >> 20) - bias;
}

function powerOfTwo(k: number): number {
  WORDS[HIGH] = (k + 1023) << 20;
  WORDS[LOW] = 0;
  return DOUBLE[0]!;
}

/** Exact, but for results that are subnormal, which are rounded once. */
function timesPowerOfTwo(y: number, k: number): number {
  if (k >= -1021) return k > 1022 ? y * 2 * powerOfTwo(k - 1) : y * powerOfTwo(k);
  return y * powerOfTwo(k + 1000) * 9.332636185032189e-302; // 2⁻¹⁰⁰⁰
}

/** a · b − product, exactly, where product = a · b rounded (Dekker). */
function productError(a: number, b: number, product: number): number {
  const aBig = a * 134217729;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = b * 134217729;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** a + b − sum, exactly, where sum = a + b rounded (Knuth). */
function sumError(a: number, b: number, sum: number): number {
  const bPart = sum - a;
  return a - (sum - bPart) + (b - bPart);
}
