#!/usr/bin/env node
// npm run fidelity [-- --write] [-- --record]: this folder's cases on a running Envoy and on the engine.
// --write puts the table on its page, --record what Envoy did into the cases that lack it.
import { loadSource } from '../load-source.mjs';

const { runFidelity } = await loadSource('test/fidelity/run.ts');
const options = {
  writesPage: process.argv.includes('--write'),
  records: process.argv.includes('--record'),
};
const isSame = await runFidelity(options, (text) => {
  process.stdout.write(text);
});
process.exit(isSame ? 0 : 1);
