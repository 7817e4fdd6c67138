import { quantityText } from '#report/expectation-text.ts';
import type { ExpectationResult } from '#telemetry/query/expectation.ts';

/** What a query of a run gave. */
export interface QueryAnswer {
  readonly query: string;
  /** Durations in ns, rates per second, shares from 0 to 1; NaN if nothing was seen. */
  readonly value: number;
  /** How many requests or events it stands on. */
  readonly count: number | undefined;
  readonly dimension: ExpectationResult['dimension'];
  /** With its unit: `181ms`; `–` if nothing was seen. */
  readonly text: string;
  /** Why there is no value. */
  readonly remark: string | undefined;
  /** Whether it is as a comparison says: `< 250ms`, `~10%`. Never true if nothing was seen. */
  meets(comparison: string): Verdict;
}

export interface Verdict {
  readonly holds: boolean;
  /** `p99(latency) is 181ms, wanted < 250ms` */
  readonly text: string;
}

/** `meets` runs the query's simulation again only if it has to: `verdict` decides. */
export function queryAnswer(
  result: ExpectationResult,
  verdict: (comparison: string) => ExpectationResult,
): QueryAnswer {
  const { that, value, count, dimension, remark } = result;
  const text = value === undefined ? '–' : quantityText(value, dimension);
  return {
    query: that,
    value: value ?? Number.NaN,
    count,
    dimension,
    text,
    remark,
    meets: (comparison) => {
      const judged = verdict(comparison);
      const notes = judged.remark === undefined ? '' : ` (${judged.remark})`;
      return {
        holds: judged.holds,
        text: `${that} is ${text}, wanted ${comparison}${notes}`,
      };
    },
  };
}
