/** Values as Go's `fmt` prints them: validation texts are istiod's own. */

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

/** `%q`. @source go: src/strconv/quote.go, Quote */
export function quoted(text: string): string {
  let result = '"';
  for (const letter of text) result += ESCAPES.get(letter) ?? printable(letter);
  return `${result}"`;
}

function printable(letter: string): string {
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(letter)) return letter;
  const code = letter.codePointAt(0)!;
  const hex = (digits: number) => code.toString(16).padStart(digits, '0');
  if (code < 0x80) return `\\x${hex(2)}`;
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

/** `%v` of a float64: the shortest digits, an exponent below 1e-4 and from 1e21. */
export function floatText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return String(value);
}

/** `%v` of a list of strings. */
export function listText(values: readonly string[]): string {
  return `[${values.join(' ')}]`;
}

/** The length of a text in bytes, as Go's `len` counts. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Whether `strconv.Atoi` accepts the text. */
export function isDecimalInteger(text: string): boolean {
  return /^[-+]?[0-9]+$/.test(text) && Math.abs(Number(text)) < 2 ** 63;
}
