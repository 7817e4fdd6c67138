import type { TracedRequest } from '#scenario/traced-requests.ts';
import { durationText, momentText } from './format.ts';
import type { ViewReason, ViewSpan } from './run-view.ts';
import { viewSpans } from './run-view-spans.ts';
import { ASCII_GLYPHS, asciiText, type TextStyle } from './text-style.ts';
import { padded } from './text-table.ts';

/** One request step by step: when, how long, where, what came of it; below each decision who wrote it down. */
export function traceText(traced: TracedRequest, style: TextStyle): string {
  const spans = viewSpans(traced.spans, traced.run.mesh.provenance);
  const root = spans[0];
  const lines =
    root === undefined
      ? [`TRACE  ${traced.client} has no request number ${traced.number}`]
      : [headLine(traced, root, style), ...spanLines(spans, style)];
  const text = `${lines.join('\n')}\n`;
  return style.glyphs === ASCII_GLYPHS ? asciiText(text) : text;
}

function headLine({ client, number }: TracedRequest, root: ViewSpan, style: TextStyle): string {
  const took = durationText(root.endNs - root.startNs);
  const outcome = root.detail === '0' ? 'no answer' : root.detail;
  return `${style.strong('TRACE')}  ${client}:${number}, sent at ${momentText(root.startNs)}: ${outcome} after ${took}`;
}

function spanLines(spans: readonly ViewSpan[], style: TextStyle): readonly string[] {
  const startNs = spans[0]!.startNs;
  const depths: number[] = [];
  for (const { parent } of spans) depths.push(parent < 0 ? 0 : depths[parent]! + 1);
  return inTreeOrder(spans).flatMap((index) => {
    const span = spans[index]!;
    const indent = '  '.repeat(depths[index]!);
    const at = `+${durationText(span.startNs - startNs)}`;
    const took = durationText(span.endNs - span.startNs);
    const line = `  ${padded(at, 9)} ${padded(took, 8)} ${indent}${whatOf(span, style)}`;
    const reasons = span.reasons.map(
      (reason) => `${' '.repeat(21)}${indent}  ${reasonText(reason, style)}`,
    );
    return [line.trimEnd(), ...reasons];
  });
}

/** Children behind what is around them, by their start. */
function inTreeOrder(spans: readonly ViewSpan[]): readonly number[] {
  const children = new Map<number, number[]>();
  spans.forEach(({ parent }, index) => {
    const list = children.get(parent);
    if (list === undefined) children.set(parent, [index]);
    else list.push(index);
  });
  const order: number[] = [];
  const visit = (index: number): void => {
    order.push(index);
    for (const child of children.get(index) ?? []) visit(child);
  };
  for (const root of children.get(-1) ?? []) visit(root);
  return order;
}

function whatOf(span: ViewSpan, { glyphs }: TextStyle): string {
  const { kind, at, side, cluster, host, number, detail } = span;
  const which = kind === 'attempt' ? `attempt ${number}` : (NAMES.get(kind) ?? kind);
  const where = kind === 'attempt' ? host : at;
  const to = kind === 'proxy' && cluster !== '' ? ` ${glyphs.arrow} ${cluster}` : '';
  const how = kind === 'proxy' && side === 'inbound' ? ' (inbound)' : '';
  return `${which} ${where}${how}${to}${detail === '' ? '' : `  ${detail}`}`;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['backoff', 'back-off'],
  ['pending', 'waits for a connection'],
  ['connect', 'connects'],
  ['fault-delay', 'injected delay'],
  ['queue', 'waits in the queue of'],
  ['service', 'is served by'],
]);

function reasonText({ text, object, at }: ViewReason, { glyphs, faint }: TextStyle): string {
  const place = at === undefined ? '' : `, ${at.file}:${at.line}`;
  return faint(`${glyphs.because} ${text}${object === '' ? '' : `  [${object}${place}]`}`);
}
