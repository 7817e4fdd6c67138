import { routeEntry } from '#envoy/router/route-configuration.ts';
import { parseUint64 } from '#kernel/uint64.ts';
import type { VectorAdapter } from './adapter.ts';
import { configurationOf, requestOf } from './support/routes.ts';

interface Vector {
  readonly weights: readonly number[];
  readonly random: string;
  readonly header_lines?: readonly string[];
}

export const run: VectorAdapter = ({ weights, random, header_lines = [] }: Vector) => {
  const clusters = weights.map((weight, index) => ({ name: `c${index}`, weight }));
  const { virtualHosts } = configurationOf([
    {
      match: { prefix: '/' },
      route: { weighted_clusters: { clusters, header_name: 'x-value' } },
    },
  ]);
  const request = requestOf({ headers: header_lines.map((line) => ['x-value', line]) });
  const route = virtualHosts[0]!.routes[0]!;
  return { expect: routeEntry(route, request, parseUint64(random)!, undefined).index };
};
