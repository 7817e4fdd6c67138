import type { CaseJudgement } from '#scenario/envoy-case/case-file.ts';
import { canonical } from '#scenario/envoy-case/judge.ts';
import type { Measures } from '#scenario/envoy-case/measure.ts';
import { runEnvoyCase } from '#scenario/envoy-case/run-case.ts';
import { caseOf, type SubCase } from './generate.ts';

/**
 * Seeds of the engine that are tried. Where Envoy starts at a random host, each start must be among
 * them; one that never gives what the real Envoy did is a difference.
 */
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

/** The measure in which no seed of the engine agrees with what the real Envoy did. */
export interface Difference {
  readonly subCase: SubCase;
  readonly measure: string;
  readonly real: unknown;
  /** What the seed that came closest gave. */
  readonly engine: unknown;
}

/** Holds what the real Envoy did with each sub-case against the engine. */
export function differences(subCases: readonly SubCase[], real: Measures): Difference[] {
  return subCases.flatMap((it) => differenceOf(it, real) ?? []);
}

function differenceOf(subCase: SubCase, real: Measures): Difference | undefined {
  const kase = caseOf([subCase]);
  let closest: { difference: Difference; agreements: number } | undefined;
  for (const seed of SEEDS) {
    const engine = runEnvoyCase(kase, seed);
    const apart = kase.judge.filter(
      (it) => canonical(seen(it, real)) !== canonical(seen(it, engine)),
    );
    const first = apart[0];
    if (first === undefined) return undefined;
    const agreements = kase.judge.length - apart.length;
    if (closest === undefined || agreements > closest.agreements) {
      const both = { real: seen(first, real), engine: seen(first, engine) };
      closest = { difference: { subCase, measure: first.measure, ...both }, agreements };
    }
  }
  return closest?.difference;
}

function seen(it: CaseJudgement, measures: Measures): unknown {
  let value: unknown = measures;
  for (const step of it.measure.split('/')) {
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[step];
  }
  if (it.only === undefined) return value;
  const counts = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(it.only.map((key) => [key, counts[key] ?? 0]));
}
