import type { Diagnostic } from '#source/diagnostic.ts';
import { SourceFile } from '#source/source-file.ts';
import { type Matcher, rowKindsOf, rowMatches } from '#telemetry/query/matcher.ts';
import { parseQuery } from '#telemetry/query/parser.ts';
import { selectorsOf } from '#telemetry/query/presence.ts';
import { reading } from '#telemetry/query/query-text.ts';
import type { SampledRequest } from '#telemetry/request-sample.ts';
import { type CountedRow, countOf } from './counted-rows.ts';
import type { Run } from './run.ts';
import type { BlameResult } from './run-result.ts';
import { type SlowAnswer, whySlow } from './slow-requests.ts';
import { type TracedRequest, tracedRequests } from './traced-requests.ts';

/** Requests that somebody asks about: by labels, the slow ones among them, or one by its client and number. */
export interface RequestChoice {
  readonly text: string;
  readonly matchers: readonly Matcher[];
  readonly isSlow: boolean;
  readonly exactly: { readonly client: string; readonly number: number } | undefined;
}

/**
 * Reads what `--why` and `--trace` take: `response_flags="UO"`, `503`, `UO`, `503 UO`, `slow` or
 * `slow{client="shop"}` for the slowest, or `shop:17` for the seventeenth request of a client. Gives it, or
 * what is wrong with it.
 */
export function requestChoice(
  text: string,
): { readonly choice: RequestChoice } | { readonly diagnostic: Diagnostic } {
  const [, client, number] = /^([^{}="]+):(\d+)$/.exec(text.trim()) ?? [];
  if (client !== undefined) {
    const exactly = { client, number: Number(number) };
    return { choice: { text, matchers: [], isSlow: false, exactly } };
  }
  const slow = /^slow\b(.*)$/s.exec(text.trim());
  const query = `requests{${labelsOf((slow?.[1] ?? text).trim())}}`;
  const at = new SourceFile('labels', query).placeOf(0, query.length);
  const read = reading({ text: query, at }, (whole) => selectorsOf(parseQuery(whole)));
  if ('diagnostic' in read) return { diagnostic: read.diagnostic };
  const matchers = read.value.flatMap((selector) => selector.matchers);
  return { choice: { text, matchers, isSlow: slow !== null, exactly: undefined } };
}

/** Short forms as labels; anything else is taken for labels already. */
function labelsOf(text: string): string {
  const [, code, flags] = /^(?:(\d{1,3})\b)?\s*([A-Z]+(?:,[A-Z]+)*)?$/.exec(text) ?? [];
  const parts = [
    ...(code === undefined ? [] : [`response_code="${code}"`]),
    ...(flags === undefined ? [] : [`response_flags="${flags}"`]),
  ];
  return parts.length > 0 ? parts.join(', ') : text.replace(/^\{(.*)\}$/s, '$1');
}

/** How many requests are meant, and why those that failed did. */
export interface WhyAnswer {
  readonly choice: RequestChoice;
  readonly requestCount: number;
  readonly blame: readonly BlameResult[];
  /** Where their time went, if slow ones are meant; undefined too when there are none. */
  readonly slow: SlowAnswer | undefined;
}

/** Of proxies, or of clients where `client` is among the labels. */
export function whyOf(run: Run, choice: RequestChoice): WhyAnswer {
  if (choice.isSlow) {
    const requestCount = countOf(matchingRows(run, choice, ['client']));
    const found = slowest(run, choice);
    const slow = found.length === 0 ? undefined : whySlow(run, found);
    return { choice, requestCount, blame: [], slow };
  }
  const rows = matchingRows(run, choice, ['source', 'tcpSource']);
  return { choice, requestCount: countOf(rows), blame: run.blame().of(rows), slow: undefined };
}

function matchingRows(
  { recorder }: Run,
  { matchers }: RequestChoice,
  usual: readonly ('source' | 'tcpSource' | 'client')[],
): readonly CountedRow[] {
  const asked = rowKindsOf({ name: 'requests', form: 'count', kinds: usual, says: '' }, matchers);
  return asked
    .flatMap((kind) => [...recorder.rowsOf(kind)])
    .filter((row) => rowMatches(matchers, recorder.rows, row))
    .map((row) => ({ row, count: recorder.counts.countOf(row) }))
    .filter(({ count }) => count > 0);
}

/**
 * The first of the chosen requests (the slowest, if slow ones are meant), told by a second run that keeps
 * what belongs to it. Undefined when no client's request is meant.
 */
export function traceOf(run: Run, choice: RequestChoice): TracedRequest | undefined {
  const chosen = choice.isSlow ? slowest(run, choice)[0] : sampled(run, choice);
  return chosen && tracedRequests(run, [chosen])[0];
}

function sampled({ recorder }: Run, choice: RequestChoice): SampledRequest | undefined {
  const { exactly } = choice;
  if (exactly !== undefined) {
    const client = recorder.rows.clients.all.findIndex(({ name }) => name === exactly.client);
    // Nothing is known of it yet but its name: the second run tells the rest.
    const { number } = exactly;
    return client < 0
      ? undefined
      : { client, number, intendedNs: 0, endNs: 0, attempts: 0, row: 0 };
  }
  const all = matchingSample(recorder, choice);
  return all.sort((a, b) => a.intendedNs - b.intendedNs || a.number - b.number)[0];
}

function matchingSample(
  { sample, rows }: Run['recorder'],
  { matchers }: RequestChoice,
): SampledRequest[] {
  return sample.requests().filter(({ row }) => rowMatches(matchers, rows, row));
}

/** Of the requests that are meant the slowest hundredth, as far as they are known by name. */
function slowest(run: Run, choice: RequestChoice): readonly SampledRequest[] {
  const count = countOf(matchingRows(run, choice, ['client']));
  return matchingSample(run.recorder, choice)
    .sort((a, b) => b.endNs - b.intendedNs - (a.endNs - a.intendedNs) || a.number - b.number)
    .slice(0, Math.min(MOST_SLOW, Math.ceil(count / 100)));
}

const MOST_SLOW = 50;
