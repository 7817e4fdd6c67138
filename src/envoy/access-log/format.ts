import type { ReportProblem } from '../string-matcher.ts';
import type { FormatContext } from './format-context.ts';
import { type FormatValue, type Operator, operatorOf } from './operators.ts';

/** `%COMMAND%`, `%COMMAND(argument)%`, `%COMMAND(argument):length%`; `%%` is a percent sign. */
const COMMAND = /%([A-Z0-9_]+)(?:\(([^)]*)\))?(?::([0-9]+))?%/y;

type Segment = string | OperatorSegment;

interface OperatorSegment {
  readonly operator: Operator;
  /** Characters to keep. */
  readonly maxLength: number;
}

/**
 * A text with operators, compiled once: of access logs, and of headers that routes add.
 *
 * @source envoy: source/common/formatter/substitution_formatter.cc, SubstitutionFormatParser, FormatterImpl
 */
export class Format {
  readonly #segments: readonly Segment[];
  /** What a missing value prints as. */
  readonly #missing: string;
  /** The request alone decides the text (or nothing does). */
  readonly isOfRequest: boolean;

  constructor(segments: readonly Segment[], missing: string) {
    this.#segments = segments;
    this.#missing = missing;
    this.isOfRequest = segments.every((it) => typeof it === 'string' || it.operator.isOfRequest);
  }

  print(context: FormatContext): string {
    let text = '';
    for (const segment of this.#segments) {
      text += typeof segment === 'string' ? segment : this.#printed(segment, context);
    }
    return text;
  }

  /** A text that is one operator and nothing else keeps its value's type: a number, null when missing. */
  value(context: FormatContext): string | number | null {
    const only = this.#segments.length === 1 ? this.#segments[0]! : undefined;
    if (only === undefined || typeof only === 'string') return this.print(context);
    return evaluate(only, context) ?? null;
  }

  #printed(segment: OperatorSegment, context: FormatContext): string {
    const value = evaluate(segment, context);
    return value === undefined ? this.#missing : String(value);
  }
}

/** A format of an access log: missing values print as `-`. */
export function parseFormat(text: string, report: ReportProblem): Format {
  return new Format(segmentsOf(text, report), '-');
}

/** A format of a header value: missing values print as nothing. */
export function parseHeaderFormat(text: string, report: ReportProblem): Format {
  return new Format(segmentsOf(text, report), '');
}

function segmentsOf(text: string, report: ReportProblem): Segment[] {
  const segments: Segment[] = [];
  let literal = '';
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '%') {
      const next = text.indexOf('%', at);
      const end = next < 0 ? text.length : next;
      literal += text.slice(at, end);
      at = end;
      continue;
    }
    if (text[at + 1] === '%') {
      literal += '%';
      at += 2;
      continue;
    }
    COMMAND.lastIndex = at;
    const command = COMMAND.exec(text);
    const segment = command === null ? undefined : operatorSegment(command, report);
    if (command === null) report(`invalid format at position ${at}: ${text}`);
    if (literal !== '') segments.push(literal);
    literal = '';
    if (segment !== undefined) segments.push(segment);
    at = command === null ? text.length : COMMAND.lastIndex;
  }
  if (literal !== '') segments.push(literal);
  return segments;
}

function operatorSegment(command: RegExpExecArray, report: ReportProblem): Segment | undefined {
  const [, name = '', argument, length] = command;
  const operator = operatorOf(name, argument);
  if (operator === undefined) {
    report(`Not supported field in StreamInfo: ${name}`);
    return undefined;
  }
  const maxLength = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
  return { operator, maxLength };
}

function evaluate(segment: OperatorSegment, context: FormatContext): FormatValue {
  const value = segment.operator.evaluate(context);
  return typeof value === 'string' && value.length > segment.maxLength
    ? value.slice(0, segment.maxLength)
    : value;
}
