import type { CelExpression } from './expression.ts';
import { NOTHING, type Part } from './part.ts';
import type { CelMistake } from './tokens.ts';

/** With how many arguments a method is a macro, and what it says of a first one that is no name. */
const COMPREHENSIONS: ReadonlyMap<string, readonly [counts: readonly number[], text: string]> =
  new Map([
    ['all', [[2], 'argument must be a simple name']],
    ['exists', [[2], 'argument must be a simple name']],
    ['exists_one', [[2], 'argument must be a simple name']],
    ['existsOne', [[2], 'argument must be a simple name']],
    ['map', [[2, 3], 'argument is not an identifier']],
    ['filter', [[2], 'argument is not an identifier']],
  ]);

/** `has(a.b)`: whether there is such a field. @source cel-go: parser/macro.go, MakeHas */
export function hasMacro(field: Part): {
  readonly expression: CelExpression;
  readonly mistake?: CelMistake;
} {
  const { expression, isWrong, at } = field;
  if (expression.kind === 'member' || expression.kind === 'has')
    return { expression: { ...expression, kind: 'has' } };
  if (isWrong) return { expression: NOTHING };
  return { expression: NOTHING, mistake: { at, text: 'invalid argument to has() macro' } };
}

/**
 * What is wrong with the variable of `list.all(variable, …)` and its like.
 *
 * @source cel-go: parser/macro.go, makeQuantifier, MakeMap, MakeFilter
 */
export function comprehensionMistake(name: string, args: readonly Part[]): CelMistake | undefined {
  const [counts, text] = COMPREHENSIONS.get(name) ?? [];
  const [variable] = args;
  if (variable === undefined || variable.isWrong || !counts?.includes(args.length))
    return undefined;
  const { expression, at } = variable;
  if (expression.kind !== 'name') return { at, text: text! };
  if (expression.name !== '__result__') return undefined;
  return { at, text: 'iteration variable overwrites accumulator variable' };
}
