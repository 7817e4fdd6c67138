import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { randomStream } from '#kernel/random.ts';
import { damagedJson, damagedYaml } from '../../fuzz/damage.ts';
import { FUZZERS } from '../../fuzz/fuzzers.ts';

const TEXT = 'title: a\nload: { rate: 5/s }\nhosts: [a, b, c]\n---\nkind: Service\n';
const seeds = Array.from({ length: 100 }, (_, seed) => seed);
const yamlOf = (seed: number) => damagedYaml(TEXT, randomStream(seed, 'test'));

describe('a fuzzer', () => {
  it('damages a text as its seed says, and most of the time to something that is YAML still', () => {
    expect(seeds.map(yamlOf)).toEqual(seeds.map(yamlOf));
    const damaged = seeds.map(yamlOf).filter((text) => text !== TEXT);
    expect(damaged.length).toBeGreaterThan(80);
    const sound = damaged.filter((text) =>
      [...parseAllDocuments(text)].every(({ errors }) => errors.length === 0),
    );
    expect(sound.length).toBeGreaterThan(damaged.length / 2);
  });

  it('damages JSON to JSON', () => {
    const json = JSON.stringify({ a: { b: [1, 2] }, c: 'x' });
    const damaged = seeds.map((seed) => damagedJson(json, randomStream(seed, 'test')));
    expect(new Set(damaged).size).toBeGreaterThan(30);
  });

  it('says when something is wrong', async () => {
    expect(await FUZZERS.get('always-fails')?.failureOf(3, false)).toContain('seed 3');
  });
});
