#!/usr/bin/env node
// npm run differential -- [COUNT] [SEED] [FROM] [tcp]: random configurations on the real Envoy and on the
// engine, COUNT of a seed's sub-cases from number FROM on; of HTTP, or of TCP proxies.
import { loadSource } from '../load-source.mjs';

const kind = process.argv.includes('tcp') ? 'tcp' : 'http';
const [count = 240, seed = 1, from = 0] = process.argv.slice(2).map(Number).filter(Number.isFinite);
await loadSource('src/envoy/re2.ts');
const { runDifferential } = await loadSource('test/differential/run.ts');
const found = await runDifferential({ seed, from, to: from + count, kind }, (text) =>
  process.stdout.write(text),
);
process.exit(found.length === 0 ? 0 : 1);
