#!/usr/bin/env node
// npm run scenarios -- [--seeds N] [--only NAME]: how often each expectation of the library fails.
import { parseArgs } from 'node:util';
import { loadSource } from '../load-source.mjs';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '20' }, only: { type: 'string', default: '' } },
});
const seedCount = Number(values.seeds);
await loadSource('src/envoy/re2.ts');
const { libraryScenarios } = await loadSource('test/scenarios/library.ts');
const { isHonest, seedRows, seedRowText } = await loadSource('test/scenarios/seeds.ts');
const chosen = libraryScenarios().filter(({ name }) => name.includes(values.only));
let wrongCount = 0;
for (const scenario of chosen)
  for (const row of seedRows(scenario, seedCount)) {
    if (!isHonest(row)) wrongCount++;
    process.stdout.write(`${seedRowText(row, seedCount)}\n`);
  }
process.stdout.write(
  `${chosen.length} scenarios under ${seedCount} seeds: ${wrongCount} expectations fail more often than they claim\n`,
);
process.exit(wrongCount === 0 && chosen.length > 0 ? 0 : 1);
