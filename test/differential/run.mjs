#!/usr/bin/env node
// npm run differential -- [COUNT] [SEED]: random configurations on the real Envoy and on the engine.
import { loadSource } from '../load-source.mjs';

const count = Number(process.argv[2] ?? 240);
const seed = Number(process.argv[3] ?? 1);
await loadSource('src/envoy/re2.ts');
const { runDifferential } = await loadSource('test/differential/run.ts');
const found = await runDifferential(seed, count, (text) => process.stdout.write(text));
process.exit(found.length === 0 ? 0 : 1);
