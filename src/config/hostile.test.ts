import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Shape } from '#source/shape.ts';
import { analyzeText } from './analysis/analyze-text.ts';
import { loadText } from './loader.ts';
import { kindNames, RESOURCE_KINDS, type ResourceKind } from './resource-kinds.ts';
import { storeOf } from './resource-store.ts';
import { validateDocuments } from './validation/validate.ts';

/** Values that no field expects, among those that some do. */
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0.5, 1e300, '', '*', '0s', '1.5s', 'a.b', '10.0.0.0/8'),
  fc.string({ maxLength: 12 }),
  fc.constant([]),
  fc.constant({}),
  fc.constant([null, {}, 'x', 3]),
  fc.constant(JSON.parse('{"__proto__": {"a": 1}, "constructor": "x"}') as unknown),
);

/** A value that fits a shape, with a hole or an odd value here and there. */
function nearly(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  const fitting = depth > 5 ? fc.constant(null) : fittingValue(shape, depth);
  return fc.oneof({ arbitrary: fitting, weight: 12 }, { arbitrary: oddValue, weight: 1 });
}

function fittingValue(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case 'object': {
      const fields = [...(shape.fields ?? [])].map(([name, field]) => [
        name,
        nearly(field, depth + 1),
      ]);
      return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
        requiredKeys: [],
      });
    }
    case 'list':
      return fc.array(nearly(shape.item!, depth + 1), { maxLength: 2 });
    case 'map':
      return fc.dictionary(
        fc.constantFrom('a', 'b.c/d', '80', '*', '__proto__'),
        nearly(shape.item!, depth + 1),
        {
          maxKeys: 2,
        },
      );
    case 'enum':
      return fc.constantFrom(...shape.values!);
    case 'boolean':
      return fc.boolean();
    case 'duration':
      return fc.constantFrom('1s', '0s', '0.1ms', '1h', 'soon');
    case 'double':
    case 'int32':
    case 'uint32':
    case 'uint64':
    case 'int-or-string':
      return fc.constantFrom(0, 1, 80, 100, 65536, -5);
    case 'string':
    case 'bytes':
    case 'any':
      return fc.constantFrom(
        '',
        '*',
        'web',
        'a.test',
        '*.a.test',
        'ns/web',
        'mesh',
        'HTTP',
        '(',
        '1.2.3.4',
      );
  }
}

const object = fc.constantFrom(...kindNames()).chain((kind) => {
  const table: ResourceKind = RESOURCE_KINDS[kind];
  const version = table.group === '' ? 'v1' : `${table.group}/${table.versions[0]}`;
  return nearly(table.spec, 0).map((spec) => ({
    apiVersion: version,
    kind,
    metadata: { name: 'x', namespace: 'default', labels: { app: 'web' } },
    ...(table.specAt === 'root' && typeof spec === 'object' ? spec : { spec }),
  }));
});

describe('any input', () => {
  it('of nearly valid objects loads, validates and analyzes without a throw', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 6 }), (objects) => {
        const text = objects.map((it) => JSON.stringify(it)).join('\n---\n');
        const loaded = loadText('x.yaml', text);
        storeOf(loaded.resources, []);
        for (const { at } of loaded.diagnostics) expect(at?.line).toBeGreaterThan(0);
        expect(validateDocuments(text)).toHaveLength(objects.length);
        const { files, cluster } = analyzeText('x.yaml', text);
        for (const { text: line } of [...files.messages, ...cluster.messages])
          expect(line).toMatch(/^(?:Error|Warning|Info) \[IST\d{4}\] \(/);
      }),
      { numRuns: 150 },
    );
  });

  it('of any text gives diagnostics with places inside it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'kind: Service\n',
        'apiVersion: v1\n',
        '---\n',
        '- ',
        '  ',
        '&a ',
        '*a',
        '{',
        ']',
        '<<: ',
        '|\n',
        '"',
        "'",
        '#',
        '\t',
        '? ',
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const lines = text.split('\n').length;
        for (const { at } of loadText('x.yaml', text).diagnostics)
          expect(at === undefined || (at.line <= lines && at.length > 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves no trace in the prototypes of JavaScript', () => {
    loadText(
      'x.yaml',
      '{"apiVersion":"v1","kind":"Pod","metadata":{"__proto__":{"x":1},"name":"p"}}',
    );
    expect('x' in {}).toBe(false);
  });
});
