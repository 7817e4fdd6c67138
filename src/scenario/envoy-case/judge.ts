import { binomialInterval } from '#telemetry/statistics.ts';
import type { CaseJudgement, EnvoyCase, Judged } from './case-file.ts';
import { quantile } from './distribution.ts';
import type { Measures } from './measure.ts';

/** Intervals of cases are stated at 99.9 %. */
const CONFIDENCE = 0.999;
/** Shares are not taken to be known better than this: timing noise is not all there is. */
const SHARE_SLACK = 0.02;

/** What several runs of a case showed, measure by measure. */
export function judge(kase: EnvoyCase, runs: readonly Measures[]): Judged[] {
  return kase.judge.map((it) => ({ ...it, ...seenIn(it, runs) }));
}

function seenIn(it: CaseJudgement, runs: readonly Measures[]): Partial<Judged> {
  const values = runs.map((run) => valueSeen(it, run));
  switch (it.kind) {
    case 'exact':
    case 'varies':
      return exactly(values);
    case 'one_of':
      return variantsOf(values);
    case 'rotation':
      return cyclesOf(values, it.period ?? 1);
    case 'ci':
      return shareOf(it, runs);
    case 'mean_ci':
      return meanOf(values);
    case 'approx':
      return { value: mediansOf(values) };
  }
}

/** The value at a measure's path; of a map only the keys asked for, absent ones as 0. */
function valueSeen(it: CaseJudgement, run: Measures): unknown {
  const value = at(run, it.measure);
  if (it.only === undefined) return value;
  const counts = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(it.only.map((key) => [key, counts[key] ?? 0]));
}

function at(run: Measures, path: string): unknown {
  let value: unknown = run;
  for (const step of path.split('/')) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

function exactly(values: readonly unknown[]): Partial<Judged> {
  const distinct = distinctOf(values);
  if (distinct.length === 1) return { kind: 'exact', value: values[0] ?? 0 };
  return { kind: 'varies', values: distinct };
}

function variantsOf(values: readonly unknown[]): Partial<Judged> {
  const distinct = distinctOf(values);
  const seen = distinct.map(
    (variant) => values.filter((value) => canonical(value) === canonical(variant)).length,
  );
  return { values: distinct, seen };
}

function distinctOf(values: readonly unknown[]): unknown[] {
  const byText = new Map(values.map((value) => [canonical(value), value]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

/** Each cycle by its smallest rotation; a sequence that is no cycle of the period stays whole. */
function cyclesOf(values: readonly unknown[], period: number): Partial<Judged> {
  const cycles = values.map((value) => {
    const sequence = Array.isArray(value) ? value : [];
    const isCyclic = sequence.every((it, index) => it === sequence[index % period]);
    return isCyclic ? smallestRotation(sequence.slice(0, period)) : sequence;
  });
  return { cycles: distinctOf(cycles) };
}

function smallestRotation(cycle: readonly unknown[]): readonly unknown[] {
  const rotations = cycle.map((_, by) => [...cycle.slice(by), ...cycle.slice(0, by)]);
  rotations.sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
  return rotations[0] ?? [];
}

/** Successes of trials, pooled over the runs. */
function shareOf(it: CaseJudgement, runs: readonly Measures[]): Partial<Judged> {
  const total = (path: string) => sum(runs.map((run) => Number(at(run, path) ?? 0)));
  const successes = total(it.measure);
  const trials = total(it.of ?? 'requests');
  return { successes, trials, ...binomialInterval(successes, trials, CONFIDENCE) };
}

/** Two-sided 99.9 % quantiles of Student's t, by degrees of freedom. */
const STUDENT: readonly (readonly [from: number, quantile: number])[] = [
  [240, 3.2905],
  [119, 3.373],
  [59, 3.46],
  [29, 3.659],
  [19, 3.883],
  [13, 4.221],
  [11, 4.437],
  [9, 4.781],
  [7, 5.408],
  [6, 5.959],
  [5, 6.869],
  [4, 8.61],
  [3, 12.92],
  [2, 31.6],
  [1, 636.6],
];

function meanOf(values: readonly unknown[]): Partial<Judged> {
  const samples = values.flat().filter((value) => typeof value === 'number');
  const n = samples.length;
  const mean = sum(samples) / n;
  const variance = sum(samples.map((value) => (value - mean) ** 2)) / Math.max(1, n - 1);
  const student = STUDENT.find(([from]) => n - 1 >= from)?.[1] ?? 636.6;
  const areShares = samples.every((value) => value >= 0 && value <= 1);
  const half = Math.max(
    (student * Math.sqrt(variance)) / Math.sqrt(n),
    areShares ? SHARE_SLACK : 0,
  );
  return { mean, low: mean - half, high: mean + half };
}

/** The median over the runs of a number, or of each number of a list or map. */
function mediansOf(values: readonly unknown[]): unknown {
  const shape = values.find((value) => value !== undefined && value !== null);
  if (Array.isArray(shape)) {
    const lists = values.map((value) => (Array.isArray(value) ? value : []));
    const length = Math.min(...lists.map((list) => list.length));
    return Array.from({ length }, (_, index) => median(lists.map((list) => list[index])));
  }
  if (typeof shape === 'object') {
    const maps = values.map((value) => (value ?? {}) as Readonly<Record<string, unknown>>);
    const keys = [...new Set(maps.flatMap((map) => Object.keys(map)))];
    return Object.fromEntries(keys.map((key) => [key, median(maps.map((map) => map[key] ?? 0))]));
  }
  return median(values.map((value) => value ?? 0));
}

function median(values: readonly unknown[]): number | null {
  const numbers = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  return quantile(numbers, 0.5) ?? null;
}

/** How what was seen differs from what was wanted, in words; undefined if it does not. */
export function difference(wanted: Judged, seen: Judged): string | undefined {
  switch (wanted.kind) {
    case 'exact':
    case 'varies':
      return canonical(wanted.value) === canonical(seen.value) && seen.kind === 'exact'
        ? undefined
        : `want ${shown(wanted.value)}, got ${shown(seen.kind === 'varies' ? seen.values : seen.value)}`;
    case 'one_of':
      return strangers(wanted.values, seen.values);
    case 'rotation':
      return strangers(wanted.cycles, seen.cycles);
    case 'ci':
    case 'mean_ci':
      return apart(wanted, seen)
        ? `want ${intervalText(wanted)}, got ${intervalText(seen)}`
        : undefined;
    case 'approx':
      return farApart(wanted.value, seen.value, wanted.tolerance ?? 0);
  }
}

function strangers(known: readonly unknown[] = [], seen: readonly unknown[] = []) {
  const texts = new Set(known.map(canonical));
  const stranger = seen.find((value) => !texts.has(canonical(value)));
  return stranger === undefined ? undefined : `never seen so: ${shown(stranger)}`;
}

function apart(a: Judged, b: Judged): boolean {
  return (b.low ?? 0) > (a.high ?? 0) || (b.high ?? 0) < (a.low ?? 0);
}

function intervalText({ low = 0, high = 0 }: Judged): string {
  return `${low.toFixed(4)}..${high.toFixed(4)}`;
}

function farApart(wanted: unknown, seen: unknown, tolerance: number): string | undefined {
  if (typeof wanted === 'number') {
    const isNear = typeof seen === 'number' && Math.abs(wanted - seen) <= tolerance;
    return isNear ? undefined : `want ${wanted} ± ${tolerance}, got ${shown(seen)}`;
  }
  if (wanted === null || typeof wanted !== 'object') return undefined;
  const have = (seen ?? {}) as Readonly<Record<string, unknown>>;
  for (const [key, value] of Object.entries(wanted)) {
    const far = farApart(value, have[key] ?? (Array.isArray(wanted) ? undefined : 0), tolerance);
    if (far !== undefined) return `${key}: ${far}`;
  }
  return undefined;
}

/** JSON with sorted keys: equal texts for equal values. */
export function canonical(value: unknown): string {
  const text = JSON.stringify(value, (_, it: unknown) =>
    it !== null && typeof it === 'object' && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)))
      : it,
  );
  return text ?? 'nothing';
}

function shown(value: unknown): string {
  const text = canonical(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
