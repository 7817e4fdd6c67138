import { editDistance } from '#source/did-you-mean.ts';
import { labelOf } from '../label-catalogue.ts';
import type { RowId } from '../recorder.ts';
import type { RowKind } from '../row-table.ts';
import type { RunRecorder } from '../run-recorder.ts';
import { identityMatchers, type Matcher, rowKindsOf, rowMatches } from './matcher.ts';
import type { Expression, Selector } from './syntax.ts';

/** All selectors of a query, in order. */
export function selectorsOf(expression: Expression): readonly Selector[] {
  switch (expression.kind) {
    case 'number':
      return [];
    case 'selector':
      return [expression];
    case 'call':
      return selectorsOf(expression.argument);
    case 'share':
      return [...selectorsOf(expression.part), ...selectorsOf(expression.whole)];
    case 'operation':
      return [...selectorsOf(expression.left), ...selectorsOf(expression.right)];
  }
}

const TRAFFIC: readonly RowKind[] = ['source', 'destination', 'client', 'attempt'];

/**
 * Why a selector looks at nothing: words for the verdict, or undefined if it looks at something.
 * A count of zero is a fact when the thing it counts was there: no request with a flag that never
 * occurred, no ejection of a cluster that had traffic. A version that nobody has is a mistake.
 */
export function absenceOf(
  selector: Selector,
  text: string,
  recorder: RunRecorder,
): string | undefined {
  const { metric, matchers } = selector;
  const identity = identityMatchers(matchers);
  const ownKinds = rowKindsOf(metric, matchers);
  const isOfTraffic = ownKinds.every((kind) => TRAFFIC.includes(kind));
  if (!isOfTraffic && metric.form === 'count' && identity.length === 0) return undefined;
  const kinds = isOfTraffic || metric.form === 'gauge' ? ownKinds : [...ownKinds, ...TRAFFIC];
  const rows = kinds.flatMap((kind) => [...recorder.rowsOf(kind)]);
  if (rows.some((row) => rowMatches(identity, recorder.rows, row))) return undefined;
  const name = text.slice(selector.span.start, selector.span.end);
  const values = closestValues(identity, rows, recorder);
  return `nothing matched ${name}${values === undefined ? '' : `: ${values}`}`;
}

/** Of the first label whose value nobody has, the values that there are, the most similar first. */
function closestValues(
  matchers: readonly Matcher[],
  rows: readonly RowId[],
  recorder: RunRecorder,
): string | undefined {
  for (const matcher of matchers) {
    const seen = new Set(rows.map((row) => labelOf(recorder.rows, row, matcher.label)));
    seen.delete('');
    if ([...seen].some((value) => matcher.holds(value)) || seen.size === 0) continue;
    const wanted = matcher.value.slice(0, 64);
    const values = [...seen].sort(
      (a, b) => editDistance(wanted, a) - editDistance(wanted, b) || (a < b ? -1 : 1),
    );
    const shown = values.slice(0, MAX_VALUES).map((value) => `"${value}"`);
    const more = values.length > MAX_VALUES ? `, … (${values.length})` : '';
    return `${matcher.label} is ${shown.join(', ')}${more}`;
  }
  return undefined;
}

const MAX_VALUES = 5;
