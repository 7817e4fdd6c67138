import fc from 'fast-check';
import { kindNames, RESOURCE_KINDS, type ResourceKind } from '#config/resource-kinds.ts';
import type { Shape } from '#source/shape.ts';

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

/** An object of any kind, nearly valid. */
export const nearlyValidObject = fc.constantFrom(...kindNames()).chain((kind) => {
  const table: ResourceKind = RESOURCE_KINDS[kind];
  const version = table.group === '' ? 'v1' : `${table.group}/${table.versions[0]}`;
  return nearly(table.spec, 0).map((spec) => ({
    apiVersion: version,
    kind,
    metadata: { name: 'x', namespace: 'default', labels: { app: 'web' } },
    ...(table.specAt === 'root' && typeof spec === 'object' ? spec : { spec }),
  }));
});
