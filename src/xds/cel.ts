/** The language of conditions in Envoy's configuration, for the plane that works them out. */
export type { CelExpression } from '#source/cel/expression.ts';
export { parseCel } from '#source/cel/parse.ts';
export { problemText } from '#source/cel/problem.ts';
