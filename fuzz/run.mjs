#!/usr/bin/env node
// npm run fuzz -- NAME [SEED]: asks the command line about damaged input until --seconds are over (60), or once
// for a seed, whose files are kept. What it must not do: throw, hang, or end as if it were at fault. Without a name: the fuzzers there are.
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { loadSource } from '../test/load-source.mjs';

/** A case that takes longer than this hangs; the slowest machine needs a few seconds. */
const CASE_LIMIT_MS = 120_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, from: { type: 'string', default: '1' } },
});
const [name, seedText] = positionals;
const { FUZZERS } = await loadSource('fuzz/fuzzers.ts');
if (!FUZZERS.has(name)) {
  for (const [known, { says }] of FUZZERS) process.stdout.write(`${known.padEnd(14)}${says}\n`);
  process.exit(name === undefined ? 0 : 2);
}

/** The first failure among the seeds, each tried in one process that may die of it. */
function firstFailure(seeds) {
  return new Promise((resolve) => {
    const child = fork(
      new URL('./child.mjs', import.meta.url),
      [name, seedText === undefined ? 'drop' : 'keep'],
      {
        execArgv: ['--max-old-space-size=1500'],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    );
    let seed;
    let watchdog;
    const end = (failure) => {
      clearTimeout(watchdog);
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
      resolve(failure);
    };
    const next = () => {
      const { value, done } = seeds.next();
      if (done) return end(undefined);
      seed = value;
      watchdog = setTimeout(() => end({ seed, text: 'it hangs' }), CASE_LIMIT_MS);
      child.send(seed);
    };
    child.on('message', ({ text }) => {
      clearTimeout(watchdog);
      if (text === undefined) next();
      else end({ seed, text });
    });
    child.on('exit', (code) => end({ seed, text: `the process died (${code})` }));
    next();
  });
}

let caseCount = 0;
function* seedsInTime(first, endMs) {
  for (let seed = first; Date.now() < endMs; seed++, caseCount++) yield seed;
}
const endMs = Date.now() + Number(values.seconds) * 1000;
const seeds =
  seedText === undefined
    ? seedsInTime(Number(values.from), endMs)
    : [Number(seedText)][Symbol.iterator]();
const failure = await firstFailure(seeds);
if (failure === undefined) {
  const tried = seedText === undefined ? `${caseCount} cases` : `seed ${seedText}`;
  process.stdout.write(`${name}: ${tried}, nothing found\n`);
} else {
  process.stdout.write(`${name}: seed ${failure.seed}: ${failure.text}\n`);
  process.stdout.write(`again: npm run fuzz -- ${name} ${failure.seed}\n`);
  process.exitCode = 1;
}
