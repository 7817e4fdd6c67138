/** The UTF-8 text of protobuf's JSON form of `bytes`; characters outside the alphabet are passed over. */
export function base64Text(base64: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let bitCount = 0;
  // URLs have spellings of their own for the last two digits.
  for (const character of base64.replaceAll('-', '+').replaceAll('_', '/')) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) continue;
    bits = ((bits << 6) | digit) & 0xffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes.push((bits >> bitCount) & 0xff);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
