import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readCluster,
  readClusterLoadAssignment,
  readHttpFilter,
  readListener,
  readRouteConfiguration,
} from '#xds/read.ts';

const READERS = [
  readCluster,
  readClusterLoadAssignment,
  readListener,
  readRouteConfiguration,
  readHttpFilter,
];

/** Names that some message knows, so that values reach deep. */
const name = fc.constantFrom(
  ...['name', 'virtual_hosts', 'routes', 'match', 'headers', 'route', 'retry_policy', 'domains'],
  ...['filter_chains', 'filters', 'typed_config', '@type', 'address', 'socket_address', 'value'],
  ...['outlier_detection', 'endpoints', 'lb_endpoints', 'metadata', 'timeout', 'weighted_clusters'],
  ...['__proto__', 'constructor', 'toString', 'listener_filters', 'filter_disabled', 'not_match'],
);
const leaf = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1.5, 'x', '1s', '', 'EDS', 'x/y.TypedStruct'),
  fc.constant('type.googleapis.com/xds.type.v3.TypedStruct'),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
})).value;

const holds = (law: (value: unknown) => void) =>
  fc.assert(fc.property(json, law), { seed: 11, numRuns: 2000 });

describe('any JSON', () => {
  it('is read as configuration with problems, never with a throw', () => {
    holds((value) => {
      for (const read of READERS) {
        const { value: message, problems } = read(value);
        if (message === undefined) expect(problems.length).toBeGreaterThan(0);
      }
    });
  });

  it('gives a message that reads as itself', () => {
    holds((value) => {
      for (const read of READERS) {
        const once = read(value).value;
        if (once === undefined) continue;
        const printed: unknown = JSON.parse(JSON.stringify(once));
        const again = read(printed);
        expect(again.value).toEqual(once);
      }
    });
  });

  it('leaves the prototype of objects alone', () => {
    holds((value) => {
      for (const read of READERS) read(value);
      expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    });
  });
});
