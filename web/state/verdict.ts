import type { RunView, ViewCause } from '#report/run-view.ts';
import { clientFlows, grouped, isFailure, sumIn, wholeOf } from './flow-sums.ts';
import { countText, outcomeText } from './formats.ts';
import type { PageState } from './page-state.ts';

/** What happened, in words. */
export interface Verdict {
  readonly mark: 'failed' | 'held' | 'running' | 'none';
  readonly strong: string;
  readonly rest: string;
  readonly cause: ViewCause | undefined;
  readonly others: readonly ViewCause[];
}

export function verdictOf(state: PageState): Verdict {
  const { view, status, message, findings } = state;
  const plain = (mark: Verdict['mark'], strong: string, rest = ''): Verdict => ({
    mark,
    strong,
    rest,
    cause: undefined,
    others: [],
  });
  if (status === 'broken')
    return state.ranProject === undefined
      ? plain('failed', message)
      : plain('failed', 'The simulation stopped:', message);
  if (status === 'invalid') {
    const first = findings.find(({ severity }) => severity === 'error');
    const place =
      first?.at === undefined
        ? 'The scenario'
        : `${first.at.file}:${first.at.line}:${first.at.column}`;
    return plain('failed', `${place} does not run:`, first?.message ?? '');
  }
  if (view === undefined) {
    if (status === 'running') return plain('running', 'Starting the run');
    if (status === 'cancelled')
      return plain('none', 'Cancelled before anything was seen.', 'Press Run to begin anew.');
    return plain('none', 'No scenario yet.', 'Open your YAML, or pick one; drop files anywhere.');
  }
  const total = sumIn(clientFlows(view), wholeOf(view));
  const failed = sumIn(clientFlows(view).filter(isFailure), wholeOf(view));
  const cause = view.causes[0];
  if (status === 'running' && !view.isOver) {
    const most = cause === undefined ? '' : `— most of them ${cause.outcome}: ${cause.reason}`;
    return {
      ...plain(
        'running',
        `${countText(failed)} of ${countText(total)} requests failed so far`,
        most,
      ),
      cause,
    };
  }
  const stopped =
    status === 'cancelled' ? `, cancelled at ${(view.frontNs / 1e9).toFixed(1)}s` : '';
  if (failed === 0) return allWell(view, total, stopped);
  const isOne = view.causes.length === 1 || cause === undefined;
  const count = cause === undefined || isOne ? failed : Math.min(cause.count, failed);
  const outcome = cause?.outcome ?? outcomeText(worstOutcome(view).code, worstOutcome(view).flags);
  return {
    mark: 'failed',
    strong: `${countText(count)} of ${countText(total)} requests failed${stopped}: ${outcome}`,
    rest: cause === undefined ? '' : `— ${cause.reason}`,
    cause,
    others: view.causes.slice(1),
  };
}

function allWell(view: RunView, total: number, stopped: string): Verdict {
  const broken = view.expectations.filter(({ status }) => status === 'failed');
  const first = broken[0];
  const strong = `${countText(total)} of ${countText(total)} requests succeeded${stopped}`;
  if (first === undefined)
    return { mark: 'held', strong, rest: refusedIn(view), cause: undefined, others: [] };
  return {
    mark: 'failed',
    strong: `${first.name}: ${first.seen}, wanted ${first.wanted}`,
    rest: `— though ${strong}`,
    cause: undefined,
    others: [],
  };
}

/** 4xx are no failures on Istio's dashboards: they are told nevertheless. */
function refusedIn(view: RunView): string {
  const refused = clientFlows(view).filter(({ code }) => code >= 400 && code < 500);
  const outcomes = [...grouped(refused, ({ code, flags }) => outcomeText(code, flags))]
    .map(([outcome, flows]) => ({ outcome, count: sumIn(flows, wholeOf(view)) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const said = outcomes.slice(0, 2).map(({ outcome, count }) => `${countText(count)} × ${outcome}`);
  return said.length === 0 ? '' : `— though among them are ${said.join(', ')}`;
}

function worstOutcome(view: RunView): { readonly code: number; readonly flags: string } {
  const failing = clientFlows(view).filter(isFailure);
  return failing.sort((a, b) => sumIn([b], wholeOf(view)) - sumIn([a], wholeOf(view)))[0]!;
}
