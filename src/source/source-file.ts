import type { Place } from './diagnostic.ts';

/** A named text that can say in which line and column an offset lies. Lines are found on first use. */
export class SourceFile {
  readonly name: string;
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** The place of `text[start, end)`, cut at the end of its first line; at least one character. */
  placeOf(start: number, end: number): Place {
    const from = Math.max(0, Math.min(start, this.text.length));
    const line = this.#lineIndexOf(from);
    const lineStart = this.#starts()[line]!;
    const lineEnd = lineStart + this.line(line + 1).length;
    const length = Math.max(1, Math.min(end, lineEnd) - from);
    return { file: this.name, line: line + 1, column: from - lineStart + 1, length };
  }

  /** The text of a line, counted from 1, without its end; empty when there is no such line. */
  line(number: number): string {
    const starts = this.#starts();
    const start = starts[number - 1];
    if (start === undefined) return '';
    const end = starts[number] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, '');
  }

  #lineIndexOf(offset: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #starts(): readonly number[] {
    if (this.#lineStarts === undefined) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1))
        this.#lineStarts.push(at + 1);
    }
    return this.#lineStarts;
  }
}
