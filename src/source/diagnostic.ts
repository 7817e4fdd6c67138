/** A place in a text: enough to underline it. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters to underline; at least 1. */
  readonly length: number;
}

export type Severity = 'error' | 'warning' | 'info';

/** What a person wrote is wrong. Collected, never thrown across a layer. */
export interface Diagnostic {
  /** Istio's own where it has one (`IST0101`), else ours (`MS0012`); documented, never reused. */
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong, with the offending value; Istio's text where it has one. */
  readonly message: string;
  readonly at: Place | undefined;
  /** What to write instead. */
  readonly hint?: string;
  readonly related?: readonly { readonly at: Place; readonly message: string }[];
}
