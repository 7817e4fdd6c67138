import type { CaseLog } from '#scenario/envoy-case/case-log.ts';
import { canonical } from '#scenario/envoy-case/judge.ts';
import { type Measures, measure } from '#scenario/envoy-case/measure.ts';
import { runEnvoyCase } from '#scenario/envoy-case/run-case.ts';
import { caseOf, type SubCase } from './generate.ts';
import { type View, viewsOf } from './views.ts';

/**
 * Seeds of the engine that are tried. Where Envoy starts at a random host, each start must be among
 * them; one that never gives what the real Envoy did is a difference.
 */
const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);

/** The measure in which no seed of the engine agrees with what the real Envoy did. */
export interface Difference {
  readonly subCase: SubCase;
  readonly measure: string;
  readonly real: unknown;
  /** What the seed that came closest gave. */
  readonly engine: unknown;
}

/** Holds what the real Envoy did with each sub-case against the engine. */
export function differences(subCases: readonly SubCase[], real: readonly CaseLog[]): Difference[] {
  return subCases.flatMap((it, index) => {
    const log = real[index];
    return log === undefined ? [] : (differenceOf(it, measure(caseOf(it), log)) ?? []);
  });
}

function differenceOf(subCase: SubCase, real: Measures): Difference | undefined {
  const kase = caseOf(subCase);
  const views = viewsOf(subCase);
  let closest: { difference: Difference; agreements: number } | undefined;
  for (const seed of SEEDS) {
    const engine = runEnvoyCase(kase, seed);
    const apart = views.filter(({ seen }) => canonical(seen(real)) !== canonical(seen(engine)));
    const first = apart[0];
    if (first === undefined) return undefined;
    const agreements = views.length - apart.length;
    if (closest === undefined || agreements > closest.agreements) {
      closest = { difference: { subCase, ...told(first, real, engine) }, agreements };
    }
  }
  return closest?.difference;
}

/** Of a map only the entries that differ. */
function told({ name, seen }: View, real: Measures, engine: Measures) {
  const [theirs, ours] = [seen(real), seen(engine)];
  if (!isMap(theirs) || !isMap(ours)) return { measure: name, real: theirs, engine: ours };
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].filter(
    (key) => canonical(theirs[key]) !== canonical(ours[key]),
  );
  const only = (map: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(keys.map((key) => [key, map[key] ?? null]));
  return { measure: name, real: only(theirs), engine: only(ours) };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
