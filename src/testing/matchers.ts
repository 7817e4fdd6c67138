import { expectationLines } from '#report/expectation-text.ts';
import { percentNumber } from '#report/format.ts';
import { PLAIN_STYLE } from '#report/text-style.ts';
import type { SplitPart, SplitResult } from '#scenario/run-result.ts';
import { judge, parseComparison } from '#telemetry/query/comparison.ts';
import type { QueryAnswer } from './query-answer.ts';
import { Simulation } from './simulation.ts';

/** What `expect.extend` wants of a matcher, in Vitest and in Jest. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The matchers as they are written; `R` is what a matcher gives back. */
export interface MeshsimMatchers<R = unknown> {
  /** Every expectation of the scenario held, and there is one. */
  toMeetExpectations(): R;
  /**
   * Requests were spread like this: `{ v1: '90%', v2: '10%' }`. A plain share must lie in the 99 % interval
   * of what was seen; `85%..95%` and `90% ± 2%` are taken as written. Names that are left out got nothing.
   */
  toSplit(shares: { readonly [name: string]: string }, of?: string): R;
  /** `expect(simulation).toMeet('p99(latency{client="shop"})', '< 250ms')`; of an answer: `toMeet('< 250ms')`. */
  toMeet(queryOrComparison: string, comparison?: string): R;
  /** `expect(simulation).toStayBelow('max(queue{})', '20')`; of an answer: `toStayBelow('20')`. */
  toStayBelow(queryOrLimit: string, limit?: string): R;
  toStayAbove(queryOrLimit: string, limit?: string): R;
}

/** For `expect.extend(matchers)`; `meshsim/testing/vitest` and `meshsim/testing/jest` do it. */
export const matchers = {
  toMeetExpectations(received: unknown): MatcherResult {
    const simulation = simulationOf(received, 'toMeetExpectations');
    const { expectations } = simulation.result;
    if (expectations.length === 0)
      return verdict(false, 'the scenario has no expectations: write expect:');
    const lines = expectationLines(simulation.result, PLAIN_STYLE);
    return verdict(simulation.holds, lines.join('\n'));
  },

  toSplit(
    received: unknown,
    shares: { readonly [name: string]: string },
    of?: string,
  ): MatcherResult {
    const { splits } = simulationOf(received, 'toSplit').result;
    const found = splitOf(splits, Object.keys(shares), of);
    if (typeof found === 'string') return verdict(false, found);
    const lines = splitLines(found, shares);
    const isAsWanted = lines.every(({ holds }) => holds);
    const text = lines.map(({ holds, text }) => `  ${holds ? '✓' : '✗'} ${text}`).join('\n');
    return verdict(isAsWanted, `the split of ${found.of}:\n${text}`);
  },

  toMeet(received: unknown, queryOrComparison: string, comparison?: string): MatcherResult {
    return compared(received, 'toMeet', queryOrComparison, comparison, '');
  },

  toStayBelow(received: unknown, queryOrLimit: string, limit?: string): MatcherResult {
    return compared(received, 'toStayBelow', queryOrLimit, limit, '< ');
  },

  toStayAbove(received: unknown, queryOrLimit: string, limit?: string): MatcherResult {
    return compared(received, 'toStayAbove', queryOrLimit, limit, '> ');
  },
};

/** `message` is shown when the assertion fails, also when `.not` was asked for. */
function verdict(pass: boolean, text: string): MatcherResult {
  return { pass, message: () => (pass ? `not wanted, and yet:\n${text}` : text) };
}

function compared(
  received: unknown,
  matcher: string,
  first: string,
  second: string | undefined,
  operator: string,
): MatcherResult {
  const answer = isAnswer(received)
    ? received
    : simulationOf(received, matcher).query(second === undefined ? missing(matcher) : first);
  const { holds, text } = answer.meets(`${operator}${second ?? first}`);
  return verdict(holds, text);
}

function missing(matcher: string): never {
  throw new TypeError(`${matcher} of a simulation wants a query and a limit`);
}

function isAnswer(received: unknown): received is QueryAnswer {
  return (
    typeof received === 'object' &&
    received !== null &&
    'meets' in received &&
    typeof received.meets === 'function'
  );
}

function simulationOf(received: unknown, matcher: string): Simulation {
  if (received instanceof Simulation) return received;
  throw new TypeError(`${matcher} wants what simulate() gives`);
}

/** The split that is meant, or why none is. */
function splitOf(
  splits: readonly SplitResult[],
  names: readonly string[],
  of: string | undefined,
): SplitResult | string {
  const known = splits.map((split) => split.of).join(', ');
  if (of !== undefined)
    return splits.find((split) => split.of === of) ?? `nothing was split for "${of}": ${known}`;
  const matching = splits.filter(({ parts }) =>
    parts.some((part) => names.includes(shortName(part)) || names.includes(part.name)),
  );
  const [only, other] = matching;
  if (only === undefined) return `no split has ${names.join(', ')}: ${known || 'there is none'}`;
  if (other === undefined) return only;
  return `several splits have ${names.join(', ')}; say which: ${matching.map((split) => split.of).join(', ')}`;
}

interface SplitLine {
  readonly holds: boolean;
  readonly text: string;
}

function splitLines(
  { parts }: SplitResult,
  shares: { readonly [name: string]: string },
): readonly SplitLine[] {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const wanted = new Map(Object.entries(shares));
  const isNamed = (part: SplitPart) => wanted.has(part.name) || wanted.has(shortName(part));
  const others = parts
    .filter((part) => !isNamed(part) && part.count > 0)
    .map((part) => ({ holds: false, text: `${shortName(part)} ${seen(part.count, total)}` }));
  const named = [...wanted].map(([name, share]): SplitLine => {
    const hits = parts
      .filter((part) => part.name === name || shortName(part) === name)
      .reduce((sum, { count }) => sum + count, 0);
    const text = /^\s*\d+(\.\d+)?\s*%?\s*$/.test(share) ? `~${share}` : share;
    const comparison = parseComparison(text, 'share');
    const judged = judge(comparison, {
      value: hits / total,
      count: total,
      sample: { kind: 'share', hits, count: total },
    });
    const { interval } = judged;
    const range =
      interval === undefined
        ? ''
        : `; 99% interval ${percentNumber(interval.low)}..${percentNumber(interval.high)}%`;
    return {
      holds: total > 0 && judged.holds,
      text: `${name} ${seen(hits, total)}, wanted ${share}${range}`,
    };
  });
  return [...named, ...others];
}

function seen(hits: number, total: number): string {
  return `${percentNumber(hits / total)}% (${hits} of ${total})`;
}

/** The subset, else the service. */
function shortName({ name }: SplitPart): string {
  const bar = name.indexOf('|');
  return bar < 0 ? name : name.slice(bar + 1);
}
