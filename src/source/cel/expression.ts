/** What stands in an expression for itself. Whole numbers, signed or not, are `bigint`. */
export type CelLiteral = null | boolean | bigint | number | string;

/** An expression of CEL as it was written, read by `parse.ts`. */
export type CelExpression =
  | { readonly kind: 'literal'; readonly value: CelLiteral }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly of: CelExpression; readonly name: string }
  | { readonly kind: 'index'; readonly of: CelExpression; readonly by: CelExpression }
  | { readonly kind: 'has'; readonly of: CelExpression; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly CelExpression[] }
  | { readonly kind: 'map'; readonly entries: readonly CelEntry[] }
  /** Of a function, or of a method when it has a target. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly target: CelExpression | undefined;
      readonly args: readonly CelExpression[];
    }
  | { readonly kind: 'unary'; readonly sign: '!' | '-'; readonly of: CelExpression }
  | {
      readonly kind: 'binary';
      readonly sign: string;
      readonly left: CelExpression;
      readonly right: CelExpression;
    }
  /** All sides of an `&&` or an `||`, two or more. */
  | { readonly kind: 'logical'; readonly sign: '&&' | '||'; readonly of: readonly CelExpression[] }
  | {
      readonly kind: 'choice';
      readonly test: CelExpression;
      readonly chosen: CelExpression;
      readonly otherwise: CelExpression;
    }
  /** Is CEL, but has no worth here: bytes and messages. */
  | { readonly kind: 'unsupported'; readonly what: 'bytes' | 'message' };

export type CelEntry = readonly [key: CelExpression, value: CelExpression];
