import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import '#envoy/re2.ts';
import { realEnvoyVersion, runOnRealEnvoy } from '#cli/real-envoy/run-real-envoy.ts';
import type { EnvoyCase, Judged } from '#scenario/envoy-case/case-file.ts';
import { judge } from '#scenario/envoy-case/judge.ts';
import { type Measures, measure } from '#scenario/envoy-case/measure.ts';
import { runEnvoyCase } from '#scenario/envoy-case/run-case.ts';
import { storedJudgements, type Verdict, verdicts } from '#scenario/envoy-case/verdict.ts';
import { ROOT } from '../tidy/source-tree.ts';

const FOLDER = join(ROOT, 'test/fidelity');
const PAGE = join(ROOT, 'docs/fidelity.md');
const BEGIN = '<!-- running envoy: written by `npm run fidelity -- --write`, do not edit -->';
const END = '<!-- running envoy end -->';
/** A busy machine disturbs a run now and then: a case differs if it does so every time. */
const TRIES = 3;
const SEEDS = [1, 2, 3, 4, 5, 6];

export interface FidelityOptions {
  /** The table in docs/fidelity.md. */
  readonly writesPage: boolean;
  /** What the real Envoy did goes into the files that lack it. */
  readonly records: boolean;
}

interface Row {
  readonly name: string;
  readonly title: string;
  readonly verdicts: readonly Verdict[];
}

/** Runs every case of this folder on the real Envoy and on the engine. True if all measures agree. */
export async function runFidelity(
  { writesPage, records }: FidelityOptions,
  say: (text: string) => void,
): Promise<boolean> {
  const version = realEnvoyVersion();
  if (version === undefined) {
    say('no envoy on the PATH: nothing is compared\n');
    return true;
  }
  const rows: Row[] = [];
  for (const file of readdirSync(FOLDER).sort()) {
    if (!file.endsWith('.json')) continue;
    const row = await compared(file, records ? version : undefined);
    rows.push(row);
    say(`${rowText(row)}\n`);
  }
  if (writesPage) write(rows, version);
  const same = rows.filter((row) => differing(row).length === 0).length;
  say(`${same} of ${rows.length} cases agree with Envoy ${version}\n`);
  return same === rows.length;
}

async function compared(file: string, recordedVersion: string | undefined): Promise<Row> {
  const path = join(FOLDER, file);
  const kase = JSON.parse(readFileSync(path, 'utf8')) as EnvoyCase;
  const name = file.replace('.json', '');
  const engine = judge(
    kase,
    SEEDS.map((seed) => runEnvoyCase(kase, seed)),
  );
  let row: Row = { name, title: kase.title, verdicts: [] };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const runs: Measures[] = [];
    for (let run = 0; run < (kase.runs ?? 2); run++) {
      runs.push(measure(kase, await runOnRealEnvoy(kase)));
    }
    const judged = judge(kase, runs);
    row = { ...row, verdicts: verdicts(judged, engine) };
    if (differing(row).length > 0) continue;
    if (recordedVersion !== undefined) record(path, recordedVersion, runs.length, judged);
    return row;
  }
  return row;
}

function differing(row: Row): readonly Verdict[] {
  return row.verdicts.filter((it) => it.difference !== undefined);
}

function rowText(row: Row): string {
  const different = differing(row);
  const agreeing = row.verdicts.length - different.length;
  const lines = different.map((it) => `    ${it.measure}: ${it.difference}`);
  return [`${row.name}: ${agreeing} of ${row.verdicts.length} measures agree`, ...lines].join('\n');
}

/** A judgement a line. */
function record(path: string, version: string, runs: number, judged: readonly Judged[]): void {
  const text = readFileSync(path, 'utf8');
  if (storedJudgements(JSON.parse(text) as EnvoyCase) !== undefined) return;
  const lines = judged.map((it) => `      ${JSON.stringify(it)}`).join(',\n');
  const fields = `"envoy": "${version}",\n    "runs": ${runs},\n    "judged": [\n${lines}\n    ]`;
  const head = text.trimEnd().replace(/\n\}$/, '');
  writeFileSync(path, `${head},\n  "result": {\n    ${fields}\n  }\n}\n`);
}

function write(rows: readonly Row[], version: string): void {
  const table = rows.map((row) => {
    const agreeing = row.verdicts.length - differing(row).length;
    return `| ${row.name.slice(0, 3)} | ${row.title} | ${agreeing} of ${row.verdicts.length} |`;
  });
  const heads = [
    `Against a running Envoy ${version}:`,
    '',
    '| case | what | measures |',
    '| --- | --- | --- |',
  ];
  const page = readFileSync(PAGE, 'utf8');
  const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  const after = page.slice(page.indexOf(END));
  writeFileSync(PAGE, `${before}\n\n${[...heads, ...table].join('\n')}\n\n${after}`);
}
