#!/usr/bin/env node
// npm run fidelity [-- --write]: this folder's cases on a running Envoy and on the engine.
import { loadSource } from '../load-source.mjs';

const { runFidelity } = await loadSource('test/fidelity/run.ts');
const isSame = await runFidelity(process.argv.includes('--write'), (text) => {
  process.stdout.write(text);
});
process.exit(isSame ? 0 : 1);
