import type { Path } from '#source/path.ts';

/** One thing that istiod's validation says about an object. */
export interface Finding {
  readonly message: string;
  /** The field that it is about. */
  readonly path: Path;
  /** Of a warning that an analyzer reports under a code of its own: the code and its parameters. */
  readonly analysis?: { readonly code: string; readonly parameters: readonly string[] };
}

/**
 * Collects errors and warnings in the order in which istiod finds them, and prints them as Go's
 * multierror does: one error as itself, several as a list.
 *
 * @source istio: pkg/config/validation/agent/validation.go, AppendValidation, AppendErrors
 */
export class Findings {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];
  #isList = false;

  error(path: Path, message: string): void {
    this.errors.push({ message, path });
  }

  /** An error that istiod wraps in a list even when it is alone. */
  listed(path: Path, message: string): void {
    this.#isList = true;
    this.error(path, message);
  }

  warning(path: Path, message: string, analysis?: Finding['analysis']): void {
    this.warnings.push(analysis === undefined ? { message, path } : { message, path, analysis });
  }

  /** Adds an error if there is one: checks of one value return its text. */
  check(path: Path, message: string | undefined): void {
    if (message !== undefined) this.error(path, message);
  }

  /** Adds what `other` found; where istiod converts to a plain error, its warnings get lost. */
  add(other: Findings, keep: 'warnings too' | 'errors alone' = 'warnings too'): void {
    if (other.errors.length > 0) this.errors.push(...other.errors);
    this.#isList ||= other.#isList;
    if (keep === 'warnings too' && other.warnings.length > 0) this.warnings.push(...other.warnings);
  }

  /** The same with a text before each error. @source github.com/hashicorp/go-multierror: prefix.go */
  prefixed(prefix: string): this {
    for (const [index, error] of this.errors.entries())
      this.errors[index] = { ...error, message: `${prefix}${error.message}` };
    return this;
  }

  /** The text of all errors; `undefined` when there is none. */
  errorText(): string | undefined {
    const [first] = this.errors;
    if (first === undefined) return undefined;
    if (this.errors.length === 1 && !this.#isList) return first.message;
    const lines = this.errors.map((it) => `* ${it.message}`).join('\n\t');
    const count = this.errors.length === 1 ? '1 error' : `${this.errors.length} errors`;
    return `${count} occurred:\n\t${lines}\n\n`;
  }
}

/** A check over a part of an object. */
export type Check<Value> = (value: Value, path: Path) => Findings;
