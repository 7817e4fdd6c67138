import { RE2JS, RE2JSException } from 're2js';
import { labelOf } from '../label-catalogue.ts';
import type { RowId } from '../recorder.ts';
import type { RowKind, RowTable } from '../row-table.ts';
import type { Metric } from './metric.ts';
import { QueryError, type Span } from './query-text.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** One condition of a selector. */
export interface Matcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
  readonly holds: (value: string) => boolean;
}

/** @source prometheus: model/labels/matcher.go: regular expressions are RE2 and match the whole value */
export function matcherOf(
  label: string,
  operator: MatchOperator,
  value: string,
  span: Span,
): Matcher {
  return { label, operator, value, holds: conditionOf(operator, value, span) };
}

function conditionOf(
  operator: MatchOperator,
  value: string,
  span: Span,
): (value: string) => boolean {
  if (operator === '=') return (other) => other === value;
  if (operator === '!=') return (other) => other !== value;
  const pattern = patternOf(value, span);
  return operator === '=~' ? (other) => pattern.matches(other) : (other) => !pattern.matches(other);
}

function patternOf(value: string, span: Span): RE2JS {
  try {
    return RE2JS.compile(value);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new QueryError('MS0303', `"${value}" is no regular expression: ${error.message}`, span);
  }
}

export function rowMatches(matchers: readonly Matcher[], rows: RowTable, row: RowId): boolean {
  return matchers.every(({ label, holds }) => holds(labelOf(rows, row, label)));
}

/**
 * The rows that a selector looks at. `client` asks for requests as clients saw them, `reporter`
 * for both ends of a proxied request.
 */
export function rowKindsOf(metric: Metric, matchers: readonly Matcher[]): readonly RowKind[] {
  if (!metric.kinds.includes('source')) return metric.kinds;
  const asksFor = (label: string) =>
    matchers.some((matcher) => matcher.label === label && !isEmptyMatch(matcher));
  if (asksFor('client')) return ['client'];
  return asksFor('reporter') ? ['source', 'destination'] : metric.kinds;
}

/** Kinds that both ends of a request report, under one metric. */
const BOTH_ENDS: ReadonlySet<RowKind> = new Set([
  'attempt',
  'overflow',
  'inflight',
  'pending',
  'connections',
]);

/**
 * What is meant but not written: a server-side proxy has attempts and requests in flight towards its
 * own application, too, and counting both ends would count each request twice. So the client side is
 * meant, as with `requests`, unless `reporter` or a cluster is asked for.
 */
export function impliedMatchers(metric: Metric, matchers: readonly Matcher[]): readonly Matcher[] {
  const isOfBothEnds = metric.kinds.some((kind) => BOTH_ENDS.has(kind));
  const isAsked = matchers.some(({ label }) => ASKING_LABELS.has(label));
  return isOfBothEnds && !isAsked ? [...matchers, CLIENT_SIDE] : matchers;
}

const ASKING_LABELS: ReadonlySet<string> = new Set(['reporter', 'upstream_cluster', 'cluster']);

const CLIENT_SIDE: Matcher = {
  label: 'reporter',
  operator: '=',
  value: 'source',
  holds: (value) => value === 'source',
};

function isEmptyMatch({ operator, value }: Matcher): boolean {
  return operator === '=' && value === '';
}

/** Labels that say how something ended: that a value of theirs was never seen means zero, not a mistake. */
const OUTCOME_LABELS: ReadonlySet<string> = new Set([
  'response_code',
  'response_flags',
  'grpc_response_status',
  'attempt',
  'limit',
]);

/** The conditions that say what is looked at, without those on how it ended. */
export function identityMatchers(matchers: readonly Matcher[]): readonly Matcher[] {
  return matchers.filter(({ label }) => !OUTCOME_LABELS.has(label));
}
