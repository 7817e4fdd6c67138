#!/usr/bin/env node
// npm run --silent conformance -- KIND DIR: one JSON object a line, {"case", "got"} or {"case", "error"}.
// It judges nothing: `compare.mjs` of the shared tools does. Sources run as they are, through Vite's module runner.
import { loadSource } from '../load-source.mjs';

const [kind, dir] = process.argv.slice(2);
const { conformance, KINDS } = await loadSource('test/conformance/conformance.ts');
if (!KINDS.includes(kind) || dir === undefined) {
  process.stderr.write(`usage: npm run --silent conformance -- ${KINDS.join('|')} DIR\n`);
  process.exit(2);
}
process.stdout.on('error', () => process.exit(0)); // The reader has seen enough.
for (const result of await conformance(kind, dir))
  process.stdout.write(`${JSON.stringify(result)}\n`);
