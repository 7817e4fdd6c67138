import { matchRoute } from '#envoy/router/route-configuration.ts';
import { ZERO_UINT64 } from '#kernel/uint64.ts';
import type { VectorAdapter } from './adapter.ts';
import { configurationOf, requestOf } from './support/routes.ts';

interface Vector {
  readonly match: object;
  readonly request: { readonly path: string; readonly headers: readonly [string, string][] };
}

export const run: VectorAdapter = ({ match, request }: Vector) => {
  const { virtualHosts } = configurationOf([{ match, route: { cluster: 'a' } }]);
  const route = matchRoute(virtualHosts[0]!, requestOf(request), ZERO_UINT64);
  return { expect: route !== undefined };
};
