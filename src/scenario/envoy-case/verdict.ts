import type { EnvoyCase, Judged } from './case-file.ts';
import { canonical, difference } from './judge.ts';

/** One measure of a case, as two sides saw it. */
export interface Verdict {
  readonly measure: string;
  readonly kind: string;
  readonly wanted: Judged;
  readonly seen: Judged;
  /** How the sides differ, in words; undefined = they agree. */
  readonly difference: string | undefined;
}

/** Holds what the engine showed against what an Envoy did, measure by measure. */
export function verdicts(wanted: readonly Judged[], seen: readonly Judged[]): Verdict[] {
  return wanted.flatMap((it, index) => {
    const other = seen[index];
    if (other === undefined) return [];
    const { measure, kind } = it;
    return [{ measure, kind, wanted: it, seen: other, difference: difference(it, other) }];
  });
}

/** What a measured case file says that Envoy did; undefined for a case that was never measured. */
export function storedJudgements(kase: EnvoyCase): readonly Judged[] | undefined {
  return kase.result?.judged;
}

/** What a side saw, in a few words. */
export function judgedText(it: Judged): string {
  const text = valueText(it);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

const MAX_TEXT = 60;

function valueText(it: Judged): string {
  if (it.trials !== undefined) return `${it.successes} of ${it.trials}`;
  if (it.mean !== undefined) return `mean ${it.mean.toPrecision(3)}`;
  if (it.cycles !== undefined) return it.cycles.map(canonical).join(' or ');
  if (it.values !== undefined) return it.values.map(canonical).join(' or ');
  return canonical(it.value);
}
