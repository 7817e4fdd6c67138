import { describe, expect, it } from 'vitest';
import { yamlKeyAt, yamlPathAt } from './yaml-path.ts';

/** A text with the place marked by a bar. */
function at(text: string) {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  const lines = text.replace('|', '').split('\n');
  return [lines, before.length - 1, before.at(-1)!.length] as const;
}
function pathOf(text: string) {
  const { parents, key, word } = yamlPathAt(...at(text));
  return [parents.join('.'), key, word];
}

describe('where one types in YAML', () => {
  it('is found by the indentation of the lines above', () => {
    expect(pathOf('spec:\n  http:\n    - route:\n        - des|')).toEqual([
      'spec.http.route',
      undefined,
      'des',
    ]);
    expect(pathOf('spec:\n  subsets:\n  - name: v1\n    lab|')).toEqual([
      'spec.subsets',
      undefined,
      'lab',
    ]);
  });

  it('is the value of a key after its colon', () => {
    expect(pathOf('spec:\n  tls:\n    mode: IST|')).toEqual(['spec.tls', 'mode', 'IST']);
  });

  it('is found inside braces', () => {
    expect(pathOf('clients:\n  a: { from: shop, load: { ra|')).toEqual([
      'clients.a.load',
      undefined,
      'ra',
    ]);
    expect(pathOf('clients:\n  a: { load: { rate: 1/s }, fr|')).toEqual([
      'clients.a',
      undefined,
      'fr',
    ]);
    expect(pathOf('expect:\n  - { that: \'a{b="c"}, d\', i|')).toEqual(['expect', undefined, 'i']);
  });

  it('does not look into other documents, comments and empty lines', () => {
    expect(pathOf('spec:\n---\nkind: A\n\n# no\nspec:\n\n  # no\n  ho|')).toEqual([
      'spec',
      undefined,
      'ho',
    ]);
  });
});

describe('the key below the pointer', () => {
  it('is named with its parents', () => {
    expect(yamlKeyAt(...at('spec:\n  http:\n    - time|out: 1s'))?.path.join('.')).toBe(
      'spec.http.timeout',
    );
  });

  it('is none in a value', () => {
    expect(yamlKeyAt(...at('title: how ti|me: goes'))).toBeUndefined();
  });
});
