#!/usr/bin/env node
// npm run scenarios -- [--seeds N] [--only NAME] [--jobs N]: how often each expectation of the library fails.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { loadSource } from '../load-source.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
const seedCount = Number(values.seeds);
const { libraryScenarios } = await loadSource('test/scenarios/library.ts');
const { isHonest, seedRowText } = await loadSource('test/scenarios/seeds.ts');
const chosen = libraryScenarios().filter(({ name }) => name.includes(values.only));
const rowsOf = new Map();
let shownCount = 0;
let wrongCount = 0;

/** In the order of the library, whoever is done first. */
function show() {
  for (; rowsOf.has(chosen[shownCount]); shownCount++)
    for (const row of rowsOf.get(chosen[shownCount])) {
      if (!isHonest(row)) wrongCount++;
      process.stdout.write(`${seedRowText(row, seedCount)}\n`);
    }
}

const waiting = chosen[Symbol.iterator]();
function serve() {
  const worker = new Worker(new URL('./seed-worker.mjs', import.meta.url));
  return new Promise((resolve, reject) => {
    let current;
    const next = () => {
      const { value, done } = waiting.next();
      if (done) {
        worker.terminate();
        resolve();
        return;
      }
      current = value;
      worker.postMessage({ scenario: current, seedCount });
    };
    worker.on('message', (rows) => {
      rowsOf.set(current, rows);
      show();
      next();
    });
    worker.on('error', reject);
    next();
  });
}

await Promise.all(Array.from({ length: Math.min(Number(values.jobs), chosen.length) }, serve));
process.stdout.write(
  `${chosen.length} scenarios under ${seedCount} seeds: ${wrongCount} expectations fail more often than they claim\n`,
);
process.exit(wrongCount === 0 && chosen.length > 0 ? 0 : 1);
