import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shared } from '../shared-data.ts';
import { ROOT } from '../tidy/source-tree.ts';
import { type ConformanceResult, conformance, KINDS, type Kind } from './conformance.ts';

/** How far one kind (or one vectors file) holds against the goldens. */
export interface Figure {
  readonly cases: number;
  readonly casesHeld: number;
  readonly checks: number;
  readonly checksHeld: number;
  /** Names of the cases that do not hold, each with its first difference. */
  readonly failing: Readonly<Record<string, string>>;
}

export type Figures = Readonly<Record<string, Figure>>;

/** The committed figures: none may fall. */
export const FIGURES_FILE = join(ROOT, 'test/conformance/figures.json');

const FOLDERS: Readonly<Record<Kind, string>> = {
  vectors: 'vectors',
  envoy: 'cases/envoy',
  istio: 'cases/istio',
  'istio-validation': 'cases/istio-validation',
  'istio-analyze': 'cases/istio-analyze',
};

export function committedFigures(): Figures {
  return JSON.parse(readFileSync(FIGURES_FILE, 'utf8')) as Figures;
}

/** Runs every shared case of every kind through the engine and the shared comparer. */
export async function measureFigures(kinds: readonly Kind[] = KINDS): Promise<Figures> {
  const figures: Record<string, Figure> = {};
  for (const kind of kinds) figures[kind] = await measureKind(kind);
  return figures;
}

export async function measureKind(kind: Kind): Promise<Figure> {
  const dir = shared(FOLDERS[kind]);
  return judge(kind, dir, await conformance(kind, dir));
}

function judge(kind: Kind, dir: string, results: readonly ConformanceResult[]): Figure {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-'));
  const file = join(folder, 'got.jsonl');
  writeFileSync(file, results.map((result) => `${JSON.stringify(result)}\n`).join(''));
  const compared = spawnSync(
    process.execPath,
    [shared('tools/compare.mjs'), kind, dir, file, '--list', '1000000'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  rmSync(folder, { recursive: true });
  const lines = compared.stdout.trimEnd().split('\n');
  const total = /: (\d+) of (\d+) cases, (\d+) of (\d+) checks$/.exec(lines.pop() ?? '');
  if (total === null) throw new Error(`compare.mjs ${kind}: ${compared.stderr}`);
  const [casesHeld, cases, checksHeld, checks] = total.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return { cases, casesHeld, checks, checksHeld, failing: failingCases(lines) };
}

function failingCases(lines: readonly string[]): Record<string, string> {
  const failing = new Map<string, string>();
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(': '));
    if (!failing.has(name)) failing.set(name, line.slice(name.length + 2, name.length + 202));
  }
  return Object.fromEntries([...failing].sort(([a], [b]) => (a < b ? -1 : 1)));
}
