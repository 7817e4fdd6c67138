import { compileFraction, fractionHits } from '#envoy/fractional-percent.ts';
import { shouldShadow } from '#envoy/router/mirror-policy.ts';
import { matchRoute, routeEntry } from '#envoy/router/route-configuration.ts';
import { parseUint64, type Uint64 } from '#kernel/uint64.ts';
import type { FractionalPercent } from '#xds/core.ts';
import type { VectorAdapter } from './adapter.ts';
import { configurationOf, requestOf } from './support/routes.ts';

interface Vector extends FractionalPercent {
  readonly random: string;
  readonly weights?: readonly number[];
  readonly mirror_percent?: number;
  readonly runtime_fraction_percent?: number;
}

export const run: VectorAdapter = (vector: Vector) => {
  const random = parseUint64(vector.random)!;
  return vector.weights === undefined
    ? { hit: fractionHits(compileFraction(vector), random) }
    : { expect: sharedRandom(vector, random) };
};

/** One random number decides about the route, its weighted cluster and its mirror. */
function sharedRandom(vector: Vector, random: Uint64): object {
  const percent = (numerator: number | undefined) => ({ default_value: { numerator } });
  const { virtualHosts } = configurationOf([
    {
      match: { prefix: '/', runtime_fraction: percent(vector.runtime_fraction_percent) },
      route: { cluster: 'a' },
    },
    {
      match: { prefix: '/' },
      route: {
        weighted_clusters: {
          clusters: vector.weights!.map((weight, index) => ({ name: String(index), weight })),
        },
        request_mirror_policies: [
          { cluster: 'm', runtime_fraction: percent(vector.mirror_percent) },
        ],
      },
    },
  ]);
  const request = requestOf({});
  const matched = matchRoute(virtualHosts[0]!, request, random)!;
  const weighted = routeEntry(virtualHosts[0]!.routes[1]!, request, random, undefined);
  return {
    runtime_fraction: matched.index === 0,
    cluster: weighted.index,
    mirrored: shouldShadow(weighted.forward!.mirrorPolicies[0]!, random),
  };
}
