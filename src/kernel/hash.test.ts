import { beforeAll, describe, expect, it } from 'vitest';
import xxhash from 'xxhash-wasm';
import { murmurHash2 } from './murmur-hash2.ts';
import { hexOfUint64, parseUint64, printUint64, uint64Of } from './uint64.ts';
import { XxHash64Stream, xxHash64 } from './xxhash64.ts';

describe('xxHash64', () => {
  let oracle: Awaited<ReturnType<typeof xxhash>>;
  beforeAll(async () => {
    oracle = await xxhash();
  });

  it('gives the values that Envoy gives', () => {
    expect(printUint64(xxHash64(''))).toBe('17241709254077376921');
    expect(printUint64(xxHash64('', uint64Of(1)))).toBe('15397730242686860875');
    expect(printUint64(xxHash64('user-1', uint64Of(1)))).toBe('11912646414840925237');
    expect(printUint64(xxHash64('127.0.0.1:80_0'))).toBe('5454692015285649509');
    expect(printUint64(xxHash64('y'.repeat(32), uint64Of(1)))).toBe('14582915108349913609');
  });

  it('gives what the reference gives for every length up to 200 bytes, with and without a seed', () => {
    let text = '';
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
      for (const seed of [0n, 1n, 0xfedcba9876543210n]) {
        const own = xxHash64(text, parseUint64(seed.toString())!);
        expect(hexOfUint64(own)).toBe(oracle.h64Raw(bytes, seed).toString(16).padStart(16, '0'));
      }
      text += String.fromCharCode((length * 37 + 200) % 256);
    }
  });

  it('gives the same for a stream of words as for their bytes, at every length', () => {
    const stream = new XxHash64Stream(uint64Of(7));
    const words: number[] = [];
    for (let count = 0; count < 100; count++) {
      const bytes = new Uint8Array(Uint32Array.from(words).buffer);
      const reference = oracle.h64Raw(bytes, 7n).toString(16).padStart(16, '0');
      expect(hexOfUint64(stream.value())).toBe(reference);
      const word = Math.imul(count + 1, 0x9e3779b1) >>> 0;
      words.push(word);
      stream.add(word);
    }
  });

  it('gives the same for words in pieces of any length', () => {
    const words = Int32Array.from({ length: 300 }, (_, index) => Math.imul(index, 0x9e3779b1));
    const [one, other] = [new XxHash64Stream(), new XxHash64Stream()];
    for (let start = 0, length = 0; start < 300; start += length, length = (length + 3) % 11) {
      const piece = words.subarray(start, start + length);
      one.addAll(piece, piece.length);
      for (const word of piece) other.add(word);
      expect(one.value()).toEqual(other.value());
    }
  });

  it('keeps two streams and a text apart', () => {
    const [one, other] = [new XxHash64Stream(), new XxHash64Stream()];
    for (let word = 0; word < 50; word++) {
      one.add(word);
      xxHash64('a text that is longer than thirty-two bytes, in between');
      other.add(word);
    }
    expect(one.value()).toEqual(other.value());
  });
});

describe('murmurHash2', () => {
  it('gives the values that Envoy gives', () => {
    const expected: readonly (readonly [string, string])[] = [
      ['a', '4993892634952068459'],
      ['user-1', '4555815258983326784'],
      ['127.0.0.1:80_0', '17613279263364193813'],
      ['10.0.0.1:8080_12', '7599688340628762852'],
      ['yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy', '17396650878024726476'],
      ['0123456789abcdef0123456789abcdef0123456789abcdef', '8892461335536671144'],
    ];
    for (const [text, hash] of expected) expect(printUint64(murmurHash2(text))).toBe(hash);
  });
});
