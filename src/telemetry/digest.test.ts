import { beforeAll, describe, expect, it } from 'vitest';
import xxhash from 'xxhash-wasm';
import { Digest, nameHash } from './digest.ts';

describe('the digest', () => {
  let hash: (words: readonly number[]) => string;
  beforeAll(async () => {
    const { h64Raw } = await xxhash();
    hash = (words) =>
      h64Raw(new Uint8Array(Uint32Array.from(words).buffer))
        .toString(16)
        .padStart(16, '0');
  });

  it('is XXH64 over the format, the requests in order of completion, then ejections and pushes', () => {
    const digest = new Digest();
    digest.push(3 * 2 ** 32 + 7, 99);
    const own = { number: 42, intendedNs: 5, endNs: 2 ** 33 + 6, code: 503 };
    digest.request(own, 3, { clientIndex: 1, flagBits: 1 << 7, hostHash: 77 });
    digest.ejection(2 ** 32, 11, 12, 13);
    const request = [1, 42, 0, 5, 2, 6, 503, 128, 3, 77];
    const words = [1, ...request, 2, 3, 7, 99, 1, 1, 0, 11, 12, 13];
    expect(digest.finish()).toBe(hash(words));
  });

  it('stands for a name by the low word of its hash, and for none by 0', () => {
    expect(nameHash('')).toBe(0);
    expect(nameHash('10.1.0.7:8080')).toBe(nameHash('10.1.0.7:8080'));
    expect(nameHash('10.1.0.7:8080')).not.toBe(nameHash('10.1.0.8:8080'));
  });
});
