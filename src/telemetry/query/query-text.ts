import type { Diagnostic, Place } from '#source/diagnostic.ts';
import type { QueryCode } from './codes.ts';

/** A text and where it stands in a file. */
export interface QueryText {
  readonly text: string;
  readonly at: Place | undefined;
}

/** Part of a text: offsets of its first character, and of the one after its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Thrown and caught within this folder: the first mistake in a text ends its reading. */
export class QueryError extends Error {
  readonly code: QueryCode;
  readonly span: Span;
  readonly hint: string | undefined;

  constructor(code: QueryCode, message: string, span: Span, hint?: string) {
    super(message);
    this.code = code;
    this.span = span;
    this.hint = hint;
  }
}

/** The mistake as a diagnostic that points into the text, so far as the text stands on one line. */
function diagnosticOf(error: QueryError, { text, at }: QueryText): Diagnostic {
  const { code, message, hint } = error;
  return {
    code,
    severity: 'error',
    message,
    at: at === undefined ? undefined : placeWithin(at, text, error.span),
    ...(hint === undefined ? {} : { hint }),
  };
}

function placeWithin(at: Place, text: string, span: Span): Place {
  // As long as the text: plain. Two longer: in quotes. Else it was folded or escaped.
  const quotes = at.length === text.length ? 0 : at.length === text.length + 2 ? 1 : undefined;
  if (quotes === undefined) return at;
  const length = Math.max(1, Math.min(span.end, text.length) - span.start);
  return { ...at, column: at.column + quotes + span.start, length };
}

/** Reads with `read`; gives its value, or the diagnostic of the mistake that it met. */
export function reading<Value>(
  text: QueryText,
  read: (text: string) => Value,
): { readonly value: Value } | { readonly diagnostic: Diagnostic } {
  try {
    return { value: read(text.text) };
  } catch (error) {
    if (error instanceof QueryError) return { diagnostic: diagnosticOf(error, text) };
    throw error;
  }
}
