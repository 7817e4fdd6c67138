const ALPHABET = /[A-Za-z0-9+/]/;

/**
 * The index of the first byte that standard base64 can't have there; undefined for a text that decodes.
 * Line ends do not count.
 *
 * @source go: src/encoding/base64/base64.go, decodeQuantum
 */
export function base64Fault(text: string): number | undefined {
  let inQuantum = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (isLineEnd(character)) continue;
    if (character === '=') return paddingFault(text, at, inQuantum);
    if (!ALPHABET.test(character)) return at;
    inQuantum = (inQuantum + 1) % 4;
  }
  return inQuantum === 0 ? undefined : text.length - inQuantum;
}

/** `at` is the first `=`, met after so many characters of its group of four. */
function paddingFault(text: string, at: number, inQuantum: number): number | undefined {
  if (inQuantum < 2) return at;
  let next = afterLineEnds(text, at + 1);
  if (inQuantum === 2) {
    if (next === text.length) return text.length;
    if (text[next] !== '=') return next - 1;
    next = afterLineEnds(text, next + 1);
  }
  return next < text.length ? next : undefined;
}

function afterLineEnds(text: string, from: number): number {
  let at = from;
  while (at < text.length && isLineEnd(text[at]!)) at++;
  return at;
}

function isLineEnd(character: string): boolean {
  return character === '\n' || character === '\r';
}
