import type { RouteRule } from '#mesh/route-coverage.ts';
import type { TableOutcome } from '#mesh/route-table-run.ts';
import type { TextStyle } from './text-style.ts';

/** One line for each request of a table; those that fail say where they went. */
export function routeTableText(outcomes: readonly TableOutcome[], style: TextStyle): string {
  const { held, failed } = style.glyphs;
  const lines = outcomes.map(({ request, holds, went }) => {
    const { description, method, url, at, wantsMatch } = request;
    const line = `${description === '' ? '' : `${description}: `}${method} ${url}`;
    if (holds) return `  ${style.good(held)} ${line}`;
    const unwanted = wantsMatch ? '' : ', which is not wanted';
    return `  ${style.bad(failed)} ${line}  ${at.file}:${at.line}\n      went to ${went}${unwanted}`;
  });
  const holding = outcomes.filter(({ holds }) => holds).length;
  const failing = outcomes.length - holding;
  return `${style.strong(`ROUTES  ${holding} held, ${failing} failed`)}\n${lines.join('\n')}\n`;
}

/** The share of rules that some request took, and the others by name. */
export function routeCoverageText(
  rules: readonly RouteRule[],
  exercised: ReadonlySet<string>,
  style: TextStyle,
): string {
  const missing = rules.filter(({ key }) => !exercised.has(key));
  const percent = coveragePercent(rules, exercised);
  const head = `COVERAGE  ${rules.length - missing.length} of ${rules.length} rules (${percent}%)`;
  const lines = missing.map(({ name, at }) => `  not exercised: ${name}  ${at.file}:${at.line}`);
  return `${[style.strong(head), ...lines].join('\n')}\n`;
}

/** Rounded down to a tenth: 100 only when nothing is missing. */
export function coveragePercent(
  rules: readonly RouteRule[],
  exercised: ReadonlySet<string>,
): number {
  if (rules.length === 0) return 100;
  const count = rules.filter(({ key }) => exercised.has(key)).length;
  return Math.floor((1000 * count) / rules.length) / 10;
}
