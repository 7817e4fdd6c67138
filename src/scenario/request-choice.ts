import type { Diagnostic } from '#source/diagnostic.ts';
import { SourceFile } from '#source/source-file.ts';
import { type Matcher, rowKindsOf, rowMatches } from '#telemetry/query/matcher.ts';
import { parseQuery } from '#telemetry/query/parser.ts';
import { selectorsOf } from '#telemetry/query/presence.ts';
import { reading } from '#telemetry/query/query-text.ts';
import type { Span } from '#telemetry/recorder.ts';
import type { SampledRequest } from '#telemetry/request-sample.ts';
import { type CountedRow, countOf } from './counted-rows.ts';
import { Run } from './run.ts';
import type { BlameResult } from './run-result.ts';

/** Requests that somebody asks about: by labels, or one by its client and number. */
export interface RequestChoice {
  readonly text: string;
  readonly matchers: readonly Matcher[];
  readonly exactly: { readonly client: string; readonly number: number } | undefined;
}

/**
 * Reads what `--why` and `--trace` take: `response_flags="UO"`, `503`, `UO`, `503 UO`, or `shop:17` for the
 * seventeenth request of a client. Gives it, or what is wrong with it.
 */
export function requestChoice(
  text: string,
): { readonly choice: RequestChoice } | { readonly diagnostic: Diagnostic } {
  const [, client, number] = /^([^{}="]+):(\d+)$/.exec(text.trim()) ?? [];
  if (client !== undefined) {
    const exactly = { client, number: Number(number) };
    return { choice: { text, matchers: [], exactly } };
  }
  const query = `requests{${labelsOf(text.trim())}}`;
  const at = new SourceFile('labels', query).placeOf(0, query.length);
  const read = reading({ text: query, at }, (whole) => selectorsOf(parseQuery(whole)));
  if ('diagnostic' in read) return { diagnostic: read.diagnostic };
  const matchers = read.value.flatMap((selector) => selector.matchers);
  return { choice: { text, matchers, exactly: undefined } };
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
}

/** Of proxies, or of clients where `client` is among the labels. */
export function whyOf(run: Run, choice: RequestChoice): WhyAnswer {
  const rows = matchingRows(run, choice, ['source', 'tcpSource']);
  return { choice, requestCount: countOf(rows), blame: run.blame().of(rows) };
}

function matchingRows(
  { recorder }: Run,
  { matchers }: RequestChoice,
  usual: readonly ('source' | 'tcpSource')[],
): readonly CountedRow[] {
  const asked = rowKindsOf({ name: 'requests', form: 'count', kinds: usual, says: '' }, matchers);
  return asked
    .flatMap((kind) => [...recorder.rowsOf(kind)])
    .filter((row) => rowMatches(matchers, recorder.rows, row))
    .map((row) => ({ row, count: recorder.counts.countOf(row) }))
    .filter(({ count }) => count > 0);
}

/** One request of a client with all that happened for it. */
export interface TracedRequest {
  readonly client: string;
  readonly number: number;
  readonly intendedNs: number;
  readonly endNs: number;
  readonly spans: readonly Span[];
  /** The run that was traced: for where its decisions were written down. */
  readonly run: Run;
}

/**
 * The first of the chosen requests, told by a second run that keeps what belongs to it. Undefined when no
 * client's request is meant.
 */
export function traceOf(run: Run, choice: RequestChoice): TracedRequest | undefined {
  const chosen = sampled(run, choice);
  if (chosen === undefined) return undefined;
  const client = run.recorder.rows.clients.of(chosen.client).name;
  const { number, intendedNs, endNs } = chosen;
  const spans: Span[] = [];
  const again = new Run(run.experiment, {
    trace: (span) => {
      if (span.rootNumber === number) spans.push(span);
    },
  });
  again.finish();
  const own = spans.find((span) => span.kind === 'client' && span.at === client);
  const ofRequest = spans.filter(({ streamHash }) => streamHash === own?.streamHash);
  return { client, number, intendedNs, endNs, spans: ofRequest, run: again };
}

function sampled({ recorder }: Run, choice: RequestChoice): SampledRequest | undefined {
  const { exactly, matchers } = choice;
  const { rows } = recorder;
  if (exactly !== undefined) {
    const client = rows.clients.all.findIndex(({ name }) => name === exactly.client);
    // Nothing is known of it yet but its name: the second run tells the rest.
    const { number } = exactly;
    return client < 0
      ? undefined
      : { client, number, intendedNs: 0, endNs: 0, attempts: 0, row: 0 };
  }
  const all = recorder.sample.requests().filter(({ row }) => rowMatches(matchers, rows, row));
  return all.sort((a, b) => a.intendedNs - b.intendedNs || a.number - b.number)[0];
}
