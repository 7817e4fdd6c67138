import { describe, expect, it } from 'vitest';
import { MAX_ALIASED_NODES, MAX_DEPTH } from './limits.ts';
import { readYaml } from './yaml-read.ts';
import { member, type YamlValue } from './yaml-value.ts';

const kubernetes = (text: string) => readYaml('mesh.yaml', text, 'kubernetes');
const plain = (value: YamlValue): unknown =>
  JSON.parse(JSON.stringify(value, (_, v) => (v instanceof Map ? [...v] : v)));
const codes = (text: string) => kubernetes(text).diagnostics.map((d) => d.code);

describe('plain scalars', () => {
  const read = (text: string, dialect: 'kubernetes' | 'yaml-1.2' = 'kubernetes') =>
    readYaml('a.yaml', `v: ${text}`, dialect).documents[0]!.value;
  const value = (text: string, dialect?: 'kubernetes' | 'yaml-1.2') =>
    member(read(text, dialect), 'v');

  it('reads on, yes, y and off of a manifest as booleans, as Kubernetes does', () => {
    expect(['on', 'Yes', 'y', 'TRUE'].map((t) => value(t))).toEqual([true, true, true, true]);
    expect(['off', 'No', 'n', 'false'].map((t) => value(t))).toEqual([false, false, false, false]);
    expect(value('"on"')).toBe('on');
    expect(value('yEs')).toBe('yEs');
  });

  it('reads no sexagesimal numbers and no timestamps', () => {
    expect(value('12:30')).toBe('12:30');
    expect(value('190:20:30')).toBe('190:20:30');
    expect(value('2026-08-01T00:00:00Z')).toBe('2026-08-01T00:00:00Z');
  });

  it('reads octal, hexadecimal, binary and underscored integers as Go does', () => {
    expect(
      ['010', '0o10', '0x1F', '0b11', '1_000', '-0x10', '+5', '08'].map((t) => value(t)),
    ).toEqual([8, 8, 31, 3, 1000, -16, 5, 8]);
  });

  it('leaves numbers that no double holds as text', () => {
    expect(value('1e999')).toBe('1e999');
    expect(value('1e3')).toBe(1000);
    expect(value('.5')).toBe(0.5);
    expect(value('1.32.0')).toBe('1.32.0');
  });

  it('reads a scenario by YAML 1.2: on and yes are text', () => {
    expect(['on', 'yes', 'off', 'n'].map((t) => value(t, 'yaml-1.2'))).toEqual([
      'on',
      'yes',
      'off',
      'n',
    ]);
    expect(value('010', 'yaml-1.2')).toBe(10);
    expect(value('true', 'yaml-1.2')).toBe(true);
  });

  it('obeys an explicit tag', () => {
    expect(value('!!str 12')).toBe('12');
    expect(value('!!int "12"')).toBe(12);
  });
});

describe('a file that is no text', () => {
  it('is refused where its first control character stands', () => {
    const { diagnostics, documents } = kubernetes('kind: Service\nname: a\u0000b\n');
    expect(documents).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'MS0100', at: { line: 2, column: 8 } }]);
    expect(diagnostics[0]?.message).toContain('U+0000');
  });

  it('may have tabs, and line ends of Windows', () => {
    expect(codes('# a\tb\r\nkind: Service\r\n')).toEqual([]);
  });
});

describe('mappings', () => {
  it('keeps the order of the text and keys such as __proto__', () => {
    const { documents } = kubernetes('b: 1\n"80": 2\n__proto__: {polluted: true}\na: 3\n');
    expect(plain(documents[0]!.value)).toEqual([
      ['b', 1],
      ['80', 2],
      ['__proto__', [['polluted', true]]],
      ['a', 3],
    ]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('turns keys of a manifest into the text that JSON would have', () => {
    expect(plain(kubernetes('{on: 1, 8080: 2, "on": 3}').documents[0]!.value)).toEqual([
      ['true', 1],
      ['8080', 2],
      ['on', 3],
    ]);
  });

  it('reports a key that stands twice, with both places, and keeps the first', () => {
    const { diagnostics, documents } = kubernetes('a: 1\nb: 2\na: 3\n');
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({
      code: 'MS0101',
      at: { line: 3, column: 1, length: 1 },
      related: [{ at: { line: 1, column: 1 } }],
    });
    expect(plain(documents[0]!.value)).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(documents[0]!.isSound).toBe(false);
  });

  it('reads an IPv6 prefix in brackets as text, though it ends in a colon', () => {
    const list = (text: string) => plain(kubernetes(text).documents[0]!.value);
    expect(list('[1.2.3.4, 2001:db8::]')).toEqual(['1.2.3.4', '2001:db8::']);
    expect(list('[{a:}, {b: }]')).toEqual([[['a', null]], [['b', null]]]);
    expect(list('- a:\n- b')).toEqual([[['a', null]], 'b']);
  });

  it('merges what << names; own keys win', () => {
    const text = 'base: &b {x: 1, z: 2}\nuse: {<<: *b, z: 3}\n';
    const value = kubernetes(text).documents[0]!.value;
    expect(plain(member(value, 'use') ?? null)).toEqual([
      ['z', 3],
      ['x', 1],
    ]);
    expect(codes('use: {<<: 5}')).toEqual(['MS0105']);
  });
});

describe('places', () => {
  const text = [
    'kind: VirtualService',
    'spec:',
    '  http:',
    '  - timeout: 1s',
    '    mirror_percent: 5',
    '    retries:',
  ].join('\n');
  const document = kubernetes(text).documents[0]!;

  it('knows the place of any value and of its key', () => {
    const path = ['spec', 'http', 0, 'timeout'];
    expect(document.placeOf(path)).toEqual({ file: 'mesh.yaml', line: 4, column: 14, length: 2 });
    expect(document.placeOf(path, 'key')).toEqual({
      file: 'mesh.yaml',
      line: 4,
      column: 5,
      length: 7,
    });
  });

  it('finds a snake_case key by its camelCase name', () => {
    expect(document.placeOf(['spec', 'http', 0, 'mirrorPercent'])).toMatchObject({
      line: 5,
      column: 21,
    });
  });

  it('gives the deepest written part of a path that is absent, and the key of an empty value', () => {
    expect(document.placeOf(['spec', 'http', 0, 'route', 3])).toMatchObject({ line: 4, column: 5 });
    expect(document.placeOf(['spec', 'http', 0, 'retries'])).toMatchObject({ line: 6, column: 5 });
  });

  it('follows aliases and merges to where the text stands', () => {
    const aliased = kubernetes('a: &x {p: 1}\nb: *x\nc: {<<: *x}\n').documents[0]!;
    expect(aliased.placeOf(['b', 'p'])).toMatchObject({ line: 1, column: 11 });
    expect(aliased.placeOf(['c', 'p'])).toMatchObject({ line: 1, column: 11 });
  });

  it('gives a part of a document its own root', () => {
    const list = kubernetes('items:\n- {name: a}\n- {name: b}\n').documents[0]!;
    expect(list.at(['items', 1]).placeOf(['name'])).toMatchObject({ line: 3, column: 10 });
    expect(plain(list.at(['items', 1]).value)).toEqual([['name', 'b']]);
  });
});

describe('documents', () => {
  it('gives every document, empty ones as null, the sound ones beside a broken one', () => {
    const read = kubernetes('a: 1\n---\n---\nb: [1\n---\nc: 3\n');
    expect(read.documents.map((d) => plain(d.value))).toEqual([[['a', 1]], null, null, [['c', 3]]]);
    expect(read.diagnostics.map((d) => [d.code, d.at?.line])).toContainEqual(['MS0100', 5]);
  });

  it('hints at quotes where a comparison was taken for a block scalar', () => {
    const [first] = readYaml('s.yaml', 'is: > 5\n', 'yaml-1.2').diagnostics;
    expect(first?.hint).toBe('quote a value that starts with > or |: is: "> 5"');
  });
});

describe('hostile texts', () => {
  it('refuses a bomb of aliases', () => {
    const levels = Array.from({ length: 12 }, (_, i) =>
      i === 0 ? 'a0: &a0 [x]' : `a${i}: &a${i} [${`*a${i - 1},`.repeat(10)}]`,
    );
    expect(codes(levels.join('\n'))).toEqual(['MS0103']);
    expect(MAX_ALIASED_NODES).toBe(100_000);
  });

  it('refuses what is nested too deeply, at every depth', () => {
    expect(codes(`a: ${'['.repeat(MAX_DEPTH)}${']'.repeat(MAX_DEPTH)}`)).toEqual([]);
    expect(codes(`a: ${'['.repeat(MAX_DEPTH + 2)}${']'.repeat(MAX_DEPTH + 2)}`)).toEqual([
      'MS0102',
    ]);
    const repeated = ['[', '{a: ', '- ', '? ', '- ? ', 'a: ', '[? '].map((it) => it.repeat(20_000));
    expect(repeated.map(codes)).toEqual(repeated.map(() => ['MS0102']));
    const indented = Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth)}a:`);
    expect(codes(indented.join('\n'))).toEqual(['MS0102']);
    expect(codes(`${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}`)).toEqual(['MS0102']);
  });

  it('ends with an alias of itself, with an unknown anchor and with keys that are lists', () => {
    expect(codes('a: &a [*a]')).toEqual(['MS0102']);
    expect(codes('a: *b').length).toBeGreaterThan(0);
    expect(codes('? [1, 2]\n: 3')).toEqual(['MS0104']);
  });

  it.each([
    '',
    '\u0000',
    '---',
    '%YAML 9.9\n---\na',
    '\uFEFFa: 1',
    '&',
    '*',
    '!!',
    '"\\',
    '{',
    '\t- a',
    '? ? ?',
  ])('reads %j without a throw', (text) => {
    expect(Array.isArray(kubernetes(text).documents)).toBe(true);
  });
});
