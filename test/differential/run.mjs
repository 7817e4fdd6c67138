#!/usr/bin/env node
// npm run differential -- [COUNT] [SEED] [FROM]: random configurations on the real Envoy and on the engine,
// COUNT of a seed's sub-cases, from number FROM on.
import { loadSource } from '../load-source.mjs';

const [count = 240, seed = 1, from = 0] = process.argv.slice(2).map(Number);
await loadSource('src/envoy/re2.ts');
const { runDifferential } = await loadSource('test/differential/run.ts');
const found = await runDifferential({ seed, from, to: from + count }, (text) =>
  process.stdout.write(text),
);
process.exit(found.length === 0 ? 0 : 1);
