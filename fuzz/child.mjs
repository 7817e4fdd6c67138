// Tries one seed after another for fuzz/run.mjs.
import { loadSource } from '../test/load-source.mjs';

const { FUZZERS } = await loadSource('fuzz/fuzzers.ts');
const fuzzer = FUZZERS.get(process.argv[2]);
const keepsFiles = process.argv[3] === 'keep';
process.on('message', async (seed) =>
  process.send({ text: await fuzzer.failureOf(seed, keepsFiles) }),
);
