import { describe, expect, it } from 'vitest';
import type { Diagnostic } from './diagnostic.ts';
import { diagnosticText, sortedDiagnostics } from './diagnostic-text.ts';
import { didYouMean, editDistance } from './did-you-mean.ts';
import { SourceFile } from './source-file.ts';

const file = new SourceFile('vs.yaml', 'a: 1\n\thost: reviws\r\nlast');
const lineOf = (name: string, line: number) => (name === file.name ? file.line(line) : undefined);

describe('the text of a diagnostic', () => {
  it('has the place, the line, a caret below the value, and the hint', () => {
    const start = file.text.indexOf('reviws');
    const diagnostic: Diagnostic = {
      code: 'IST0101',
      severity: 'error',
      message: 'Referenced host not found: "reviws"',
      at: file.placeOf(start, start + 6),
      hint: 'did you mean "reviews"?',
    };
    expect(diagnosticText(diagnostic, lineOf)).toBe(
      [
        'vs.yaml:2:8: error IST0101: Referenced host not found: "reviws"',
        '  2 | \thost: reviws',
        '    | \t      ^^^^^^',
        '  hint: did you mean "reviews"?',
      ].join('\n'),
    );
  });

  it('shows of a long line the part around the place, and no control characters', () => {
    const long = new SourceFile('l.yaml', `${'x'.repeat(5000)}\u001b[31mbad`);
    const at = long.placeOf(5000, 5008);
    const text = diagnosticText({ code: 'MS0100', severity: 'error', message: 'm', at }, (_, n) =>
      long.line(n),
    );
    expect(text).toContain('  1 | \ufffd[31mbad\n    | ^^^^^^^^');
  });

  it('sorts by file, line, column and code', () => {
    const make = (line: number, column: number, code: string): Diagnostic => ({
      code,
      severity: 'error',
      message: '',
      at: { file: 'a', line, column, length: 1 },
    });
    const sorted = sortedDiagnostics([make(2, 1, 'A'), make(1, 9, 'B'), make(1, 9, 'A')]);
    expect(sorted.map((d) => `${d.at?.line}:${d.at?.column}${d.code}`)).toEqual([
      '1:9A',
      '1:9B',
      '2:1A',
    ]);
  });
});

describe('did you mean', () => {
  it('finds the near word, not a far one', () => {
    const fields = ['timeout', 'retries', 'route', 'rewrite'];
    expect(didYouMean('timout', fields)).toBe('timeout');
    expect(didYouMean('retrys', fields)).toBe('retries');
    expect(didYouMean('uotre', fields)).toBeUndefined();
    expect(didYouMean('x'.repeat(10_000), fields)).toBeUndefined();
  });

  it('counts a swap of neighbours as one', () => {
    expect(editDistance('hots', 'host')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });
});

describe('a source file', () => {
  it('places an offset by line and column, cut at the end of its line', () => {
    expect(file.placeOf(0, 100)).toEqual({ file: 'vs.yaml', line: 1, column: 1, length: 4 });
    expect(file.placeOf(file.text.length, 9999)).toMatchObject({ line: 3, column: 5, length: 1 });
  });
});
