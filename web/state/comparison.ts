import type { RunView, ViewPlace } from '#report/run-view.ts';
import { clientFlows, grouped, isFailure, sumIn, wholeOf } from './flow-sums.ts';
import { outcomeText } from './formats.ts';
import type { PageState } from './page-state.ts';

export interface OutcomeChange {
  readonly outcome: string;
  readonly isFailure: boolean;
  readonly countA: number;
  readonly countB: number;
}

export interface LineChange {
  readonly at: ViewPlace;
  readonly before: string;
  readonly after: string;
}

export interface Comparison {
  readonly failedA: number;
  readonly failedB: number;
  /** Names of expectations that A held, and B does not. */
  readonly lost: readonly string[];
  readonly outcomes: readonly OutcomeChange[];
  readonly changes: readonly LineChange[];
}

/** What became of A's requests in B, by outcome, and which lines made the difference. */
export function comparisonOf({ view, former, project }: PageState): Comparison {
  if (view === undefined || former === undefined)
    return { failedA: 0, failedB: 0, lost: [], outcomes: [], changes: [] };
  const outcomes = outcomeChanges(former.view, view);
  const failing = outcomes.filter((one) => one.isFailure);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  return {
    failedA: sum(failing.map(({ countA }) => countA)),
    failedB: sum(failing.map(({ countB }) => countB)),
    lost: lostExpectations(former.view, view),
    outcomes,
    changes: lineChanges(former.project.files, project.files),
  };
}

function lostExpectations(a: RunView, b: RunView): readonly string[] {
  const failedIn = ({ expectations }: RunView) =>
    expectations.filter(({ status }) => status === 'failed').map(({ name }) => name);
  const before = new Set(failedIn(a));
  return failedIn(b).filter((name) => !before.has(name));
}

function outcomeChanges(a: RunView, b: RunView): readonly OutcomeChange[] {
  const counts = (view: RunView) =>
    new Map(
      [...grouped(clientFlows(view), ({ code, flags }) => outcomeText(code, flags))].map(
        ([outcome, flows]) => [outcome, { count: sumIn(flows, wholeOf(view)), flow: flows[0]! }],
      ),
    );
  const ofA = counts(a);
  const ofB = counts(b);
  const outcomes = [...new Set([...ofA.keys(), ...ofB.keys()])];
  return outcomes
    .map((outcome) => ({
      outcome,
      isFailure: isFailure((ofA.get(outcome) ?? ofB.get(outcome))!.flow),
      countA: ofA.get(outcome)?.count ?? 0,
      countB: ofB.get(outcome)?.count ?? 0,
    }))
    .sort((x, y) => Math.abs(y.countB - y.countA) - Math.abs(x.countB - x.countA));
}

/** Lines that differ, where a file has as many as before: that is how values are changed. */
export function lineChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly LineChange[] {
  return Object.entries(after).flatMap(([file, text]) => {
    const old = before[file]?.split('\n') ?? [];
    const lines = text.split('\n');
    if (before[file] === text || old.length !== lines.length) return [];
    return lines.flatMap((line, index): readonly LineChange[] => {
      if (line === old[index]) return [];
      const at = {
        file,
        line: index + 1,
        column: line.search(/\S/) + 1,
        length: line.trim().length,
      };
      const value = (whole: string) => whole.trim().replace(/^- /, '');
      const [, key = '', wanted = ''] = /^([\w.]+:\s*)?(.*)$/.exec(value(line)) ?? [];
      return [{ at, before: value(old[index]!), after: key === '' ? value(line) : wanted }];
    });
  });
}
