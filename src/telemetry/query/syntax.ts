import type { Matcher } from './matcher.ts';
import type { Metric } from './metric.ts';
import type { Span } from './query-text.ts';

/** A query as it is written. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | Selector
  | {
      readonly kind: 'call';
      readonly name: FunctionName;
      /** Of `p99`, 0.99. */
      readonly quantile: number | undefined;
      readonly argument: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'share';
      readonly part: Expression;
      readonly whole: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    };

export interface Selector {
  readonly kind: 'selector';
  readonly metric: Metric;
  readonly matchers: readonly Matcher[];
  readonly span: Span;
}

export type Operator = '+' | '-' | '*' | '/';
export type FunctionName = 'quantile' | 'mean' | 'max' | 'count' | 'rate';
