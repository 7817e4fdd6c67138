import { requestContext } from '#envoy/access-log/format-context.ts';
import { finalizeRequest } from '#envoy/router/finalize-request.ts';
import type { VectorAdapter } from './adapter.ts';
import { configurationOf, requestOf } from './support/routes.ts';

interface Vector {
  readonly match: object;
  readonly action: object;
  readonly path: string;
}

export const run: VectorAdapter = ({ match, action, path }: Vector) => {
  const { virtualHosts } = configurationOf([{ match, route: { cluster: 'a', ...action } }]);
  const request = requestOf({ path });
  const entry = virtualHosts[0]!.routes[0]!.entries[0]!;
  return { expect: finalizeRequest(entry, request, requestContext(request)).path };
};
