import type { BlameResult, RunResult, TrafficResult } from '#scenario/run-result.ts';
import { blameLines } from './blame-text.ts';
import { expectationLines } from './expectation-text.ts';
import { momentText, shareText, windowText } from './format.ts';
import { outcomeText } from './outcome-text.ts';
import { fullSections } from './summary-full.ts';
import { ASCII_GLYPHS, asciiText, type TextStyle } from './text-style.ts';
import { alignedLines, padded, wrappedItems } from './text-table.ts';
import { DEFAULT_PERCENTILES, trafficLines } from './traffic-text.ts';

export interface SummaryOptions {
  readonly style: TextStyle;
  readonly detail: 'compact' | 'full';
  /** How long the run took in real time; undefined = not said, so that output stays the same. */
  readonly wallMs: number | undefined;
  /** From 0 to 1. */
  readonly percentiles?: readonly number[];
}

/** Where the content of a section starts. */
const INDENT = 15;

/**
 * The summary of a run: verdicts, then traffic, then what stands out. Verdict first, tables after;
 * what is not modelled is said before anything else.
 */
export function summaryText(result: RunResult, options: SummaryOptions): string {
  const { style } = options;
  const percentiles = options.percentiles ?? DEFAULT_PERCENTILES;
  const isFull = options.detail === 'full';
  const blocks: readonly (readonly string[])[] = [
    notModelledLines(result, style),
    [headLine(result, options)],
    expectationLines(result, style),
    trafficLines(result, { style, percentiles, showsMax: isFull }),
    factLines(result, options),
    isFull ? fullSections(result, style) : [],
    result.notes.map((note) => style.faint(`note: ${note}`)),
  ];
  const text = blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
  return `${style.glyphs === ASCII_GLYPHS ? asciiText(text) : text}\n`;
}

/** `canary-90-10 · seed 1 · 120s virtual in 0.8s · digest 5f2c9b1e83a4d07c`. */
function headLine(result: RunResult, { style, wallMs }: SummaryOptions): string {
  const wall = wallMs === undefined ? '' : ` in ${momentText(wallMs * 1e6)}`;
  const stopped =
    result.stoppedAtNs === undefined ? [] : [`stopped at t=${momentText(result.stoppedAtNs)}`];
  return [
    style.strong(result.title),
    `seed ${result.seed}`,
    `${windowText(result.durationNs)} virtual${wall}`,
    ...stopped,
    `digest ${result.digest}`,
  ].join(` ${style.glyphs.dot} `);
}

function notModelledLines({ notModelled }: RunResult, style: TextStyle): readonly string[] {
  if (notModelled.length === 0) return [];
  const kinds = notModelled.map(({ kind, objects }) => `${kind} (${objects.join(', ')})`);
  return [
    style.warn(`warning: not simulated, outcomes may differ in a real mesh: ${kinds.join('; ')}`),
  ];
}

function factLines(result: RunResult, options: SummaryOptions): readonly string[] {
  return [
    ...section('RESPONSES', responseItems(result), options.style),
    ...whyLines(result, options),
    ...splitLines(result, options.style),
    ...countLines('UNFINISHED', result, (client) => client.unfinishedCount, options.style),
    ...countLines('DROPPED', result, (client) => client.droppedCount, options.style),
    ...ejectionLines(result, options),
    ...coverageLines(result, options),
  ];
}

/** `200 : 5782 (96.3%)`, as Fortio prints it, with Envoy's flags. */
function responseItems({ responses }: RunResult): readonly string[] {
  return responses.map(
    ({ code, flags, count, share }) =>
      `${outcomeText(code, flags)} : ${count} (${shareText(share)})`,
  );
}

const COMPACT_CAUSES = 3;

/** Where requests failed, and what is to blame; in short what a failed expectation does not say already. */
function whyLines({ blame, expectations }: RunResult, options: SummaryOptions): readonly string[] {
  const { style, detail } = options;
  if (detail === 'full') return labelled('WHY', blameLines(blame, blame.length, style), style);
  const said = new Set(
    expectations
      .filter(({ holds }) => !holds)
      .flatMap((expectation) => expectation.blame.map(({ code, flags }) => `${code} ${flags}`)),
  );
  const left = blame.filter(({ code, flags }) => !said.has(`${code} ${flags}`));
  return labelled('WHY', blameLines(merged(left), COMPACT_CAUSES, style), style);
}

/** Clients apart, what has the same cause is told once. */
function merged(blame: readonly BlameResult[]): readonly BlameResult[] {
  const byCause = new Map<string, BlameResult>();
  for (const one of blame) {
    const { code, flags, source, destination, cause } = one;
    const key = JSON.stringify([code, flags, source, destination, cause]);
    const known = byCause.get(key);
    byCause.set(key, known === undefined ? one : { ...known, count: known.count + one.count });
  }
  return [...byCause.values()].sort((a, b) => b.count - a.count);
}

function splitLines({ splits }: RunResult, style: TextStyle): readonly string[] {
  return splits.flatMap(({ parts }, index) =>
    section(
      index === 0 ? 'SPLIT' : '',
      parts.map(({ name, count, share }) => `${name} : ${count} (${shareText(share)})`),
      style,
    ),
  );
}

/** What a client did not get done, if it is anything. */
function countLines(
  title: string,
  { clients }: RunResult,
  countOf: (client: TrafficResult) => number,
  style: TextStyle,
): readonly string[] {
  const items = clients
    .filter((client) => countOf(client) > 0)
    .map((client) => `${client.name} : ${countOf(client)}`);
  return section(title, items, style);
}

const COMPACT_EJECTIONS = 8;

function ejectionLines(
  { ejections }: RunResult,
  { style, detail }: SummaryOptions,
): readonly string[] {
  const shown = detail === 'full' ? ejections : ejections.slice(0, COMPACT_EJECTIONS);
  const rows = shown.map(({ atNs, host, pod, proxy, detector, count, backNs }) => [
    momentText(atNs),
    pod === '' ? host : `${host} (${pod})`,
    `by ${proxy}`,
    count < 0 ? detector : `${detector} (${count})`,
    backNs === undefined
      ? 'still out'
      : `back at ${momentText(backNs)} (${momentText(backNs - atNs)})`,
  ]);
  const more = ejections.length - shown.length;
  const lines = [...alignedLines(rows, { gap: 2 }), ...(more > 0 ? [`and ${more} more`] : [])];
  return labelled('EJECTIONS', lines, style);
}

const COMPACT_UNEXERCISED = 20;

function coverageLines(
  { coverage }: RunResult,
  { style, detail }: SummaryOptions,
): readonly string[] {
  const unmet = coverage.filter(({ isExercised }) => !isExercised);
  const shown = detail === 'full' ? unmet : unmet.slice(0, COMPACT_UNEXERCISED);
  const items = shown.map(({ kind, name, at }) => {
    const what = kind === 'route' ? `route "${name}"` : `${kind} of ${name}`;
    return at === undefined ? what : `${what} (${at.file}:${at.line})`;
  });
  const more = unmet.length - shown.length;
  if (more > 0) items.push(`and ${more} more (--coverage names them)`);
  return labelled('NOT EXERCISED', wrappedItems(items, style.width - INDENT, '; '), style);
}

/** Items side by side under a heading. */
function section(heading: string, items: readonly string[], style: TextStyle): readonly string[] {
  return labelled(heading, wrappedItems(items, style.width - INDENT), style);
}

function labelled(heading: string, lines: readonly string[], style: TextStyle): readonly string[] {
  return lines.map((line, index) => {
    const label = padded(index === 0 ? heading : '', INDENT);
    return `${index === 0 && heading !== '' ? style.strong(label) : label}${line}`;
  });
}
