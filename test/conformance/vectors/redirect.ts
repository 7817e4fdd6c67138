import { redirectLocation } from '#envoy/router/redirect.ts';
import type { VectorAdapter } from './adapter.ts';
import { configurationOf, requestOf } from './support/routes.ts';

interface Vector {
  readonly redirect: object;
  readonly request: { readonly path: string; readonly host: string; readonly scheme: string };
}

export const run: VectorAdapter = ({ redirect, request }: Vector) => {
  const { virtualHosts } = configurationOf([{ match: { prefix: '/' }, redirect }]);
  const { action, conditions } = virtualHosts[0]!.routes[0]!;
  if (action.kind !== 'redirect') throw new Error('the route is no redirect');
  return { expect: redirectLocation(action.redirect, conditions.path, requestOf(request)) };
};
