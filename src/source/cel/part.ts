import type { CelExpression } from './expression.ts';

/** `at`: where CEL says that it stands: at its sign, bracket or dot. */
export interface Part {
  readonly expression: CelExpression;
  readonly at: number;
  /** How deeply its operators are nested. */
  readonly depth: number;
  /** Undefined for what can be no type of a message and no variable. */
  readonly path?: 'name' | 'selection' | undefined;
  /** Nothing follows it that would belong to it: a mistake does. */
  readonly isCut?: boolean;
  /** It is itself the mistake. */
  readonly isWrong?: boolean;
}

/** Stands where nothing could be read. */
export const NOTHING: CelExpression = { kind: 'literal', value: null };

/** `adds`: 1 for what CEL counts as nesting. */
export function madeOf(
  expression: CelExpression,
  at: number,
  inside: readonly Part[],
  adds: 0 | 1 = 0,
): Part {
  const depth = inside.reduce((most, part) => Math.max(most, part.depth), 0) + adds;
  return { expression, at, depth };
}

export function callOf(
  name: string,
  target: Part | undefined,
  args: readonly Part[],
  at: number,
): Part {
  return madeOf(
    {
      kind: 'call',
      name,
      target: target?.expression,
      args: args.map(({ expression }) => expression),
    },
    at,
    target === undefined ? args : [target, ...args],
    target === undefined ? 0 : 1,
  );
}

export function choiceOf(test: Part, chosen: Part, otherwise: Part, at: number): Part {
  return madeOf(
    {
      kind: 'choice',
      test: test.expression,
      chosen: chosen.expression,
      otherwise: otherwise.expression,
    },
    at,
    [test, chosen, otherwise],
  );
}
