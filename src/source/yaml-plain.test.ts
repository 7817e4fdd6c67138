import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Document, parseAllDocuments } from 'yaml';
import { describeWithShared } from '../../test/needs.ts';
import { SHARED, shared } from '../../test/shared-data.ts';
import { aliasResolver } from './yaml-alias.ts';
import { YamlConverter } from './yaml-convert.ts';
import { readPlainYaml } from './yaml-plain.ts';
import type { YamlDialect } from './yaml-scalar.ts';
import type { YamlValue } from './yaml-value.ts';

/** What the full parser reads; `undefined` when it finds anything wrong, or not one document. */
function readFull(text: string, dialect: YamlDialect): YamlValue | undefined {
  const options = {
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  };
  const documents = parseAllDocuments(text, options as object) as Document.Parsed[];
  const [document, ...more] = documents;
  if (document === undefined || more.length > 0 || document.errors.length > 0) return undefined;
  const converter = new YamlConverter(text, dialect, aliasResolver(document.contents));
  const value = converter.convert(document.contents);
  return converter.problems.length > 0 ? undefined : value;
}

const DIALECTS = ['kubernetes', 'yaml-1.2'] as const;

function expectSame(text: string): void {
  for (const dialect of DIALECTS) {
    const plain = readPlainYaml(text, dialect);
    if (plain !== undefined) expect(plain, text).toEqual(readFull(text, dialect));
  }
}

describe('the plain reader', () => {
  it.each([
    'a: 1\nb:\n  c: [x, {d: e}]\n  f:\n  - g: 1\n    h: 2\n  -\n    i: 3\n  - j\n',
    'a:\n- b\n- c: d\n  e: f\nz: http://x:80/y # comment\n',
    'on: yes\n8080: {mode: STRICT}\nt: 12:30\nq: "a: b # c"\ns: \'x\'\nn: ~\ne:\n',
    '# only\na: b#c\n\n  # more\nd: -5\nf: 1.5s\n',
  ])('reads %j, as the full parser does', (text) => {
    expect(readPlainYaml(text, 'kubernetes')).toBeDefined();
    expectSame(text);
  });

  it.each([
    'a: &x 1',
    'a: *x',
    'a: |\n  b',
    'a: b\n  c',
    'a: "b\n  c"',
    'a: [b,\n  c]',
    'a: 1\na: 2',
    'a: b: c',
    'a: !!str 1',
    '<<: {a: 1}',
    'a:\tb',
    'a: "\\n"',
    '- - a',
    '? a',
    'a: {b}',
    'a: [b: c]',
    'a: [001:db8::]',
    'scalar',
    '',
    '- a\nb: c',
    'a:\n   b: 1\n  c: 2',
    '"a": 1',
    '{"a": 1}',
    '...',
    'a: @b',
    'a: b\r\n',
  ])('leaves %j to the full parser', (text) => {
    expect(readPlainYaml(text, 'kubernetes')).toBeUndefined();
  });

  it('reads whatever it reads as the full parser does', () => {
    const word = fc.constantFrom(
      'a',
      'b-c',
      'x.y/z',
      'on',
      '80',
      '0x1F',
      '~',
      'null',
      '-1',
      '1e3',
      'a b',
      'a:b',
      '"q"',
      "'s'",
      '{a: b}',
      '{}',
      '[a, b]',
      '[]',
      '[{a: 1}, c]',
      'http://h:1',
      '#c',
      'x #c',
      '- ',
      '-',
      ':',
      '*',
      '&a',
      '|',
      '',
      'é',
      '{a: "x"}',
      "{a: 'y', b: [c]}",
      '[ a ]',
      '{ a: b }',
      '{a: b, }',
      '[a,b]',
    );
    const line = fc
      .tuple(
        fc.constantFrom('', '  ', '    ', ' '),
        fc.constantFrom('', '', '- ', '-   '),
        fc.constantFrom('k: ', 'l:', 'm:  ', '', 'k: ', 'n.o/p: '),
        word,
        fc.constantFrom('', '', ' ', ' # c'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 7 }), (lines) => expectSame(lines.join('\n'))),
      { numRuns: 3000 },
    );
  });
});

describeWithShared('of published manifests', () => {
  const documents = SHARED === undefined ? [] : documentsBelow(shared('real'));

  it('the plain reader reads most, and all of those as the full parser does', () => {
    const read = documents.filter((text) => readPlainYaml(text, 'kubernetes') !== undefined);
    expect(read.length / documents.length).toBeGreaterThan(0.8);
    for (const text of read) expectSame(text);
  });
});

function documentsBelow(path: string): readonly string[] {
  if (statSync(path).isDirectory())
    return readdirSync(path)
      .filter((name) => name !== 'crds')
      .flatMap((name) => documentsBelow(join(path, name)));
  if (!path.endsWith('.yaml')) return [];
  const parts = readFileSync(path, 'utf8').split(/^---$/m);
  return parts.filter((text) => readFull(text, 'kubernetes') !== undefined);
}
