import { requestContext } from '#envoy/access-log/format-context.ts';
import { finalizeRequest } from '#envoy/router/finalize-request.ts';
import type { VectorAdapter } from './adapter.ts';
import { configurationOf, requestOf } from './support/routes.ts';

interface Operations {
  readonly remove?: readonly string[];
  readonly add?: readonly (readonly [name: string, value: string, action: string])[];
}

interface Vector {
  readonly levels: Readonly<Partial<Record<'cluster' | 'route' | 'vhost' | 'config', Operations>>>;
  readonly headers: readonly (readonly [string, string])[];
  readonly most_specific_header_mutations_wins: boolean;
  readonly expect: Readonly<Record<string, unknown>>;
}

const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['append', 'APPEND_IF_EXISTS_OR_ADD'],
  ['add_if_absent', 'ADD_IF_ABSENT'],
  ['overwrite', 'OVERWRITE_IF_EXISTS_OR_ADD'],
  ['overwrite_if_exists', 'OVERWRITE_IF_EXISTS'],
]);

export const run: VectorAdapter = (vector: Vector) => {
  const { levels, headers } = vector;
  const cluster = { name: 'c', weight: 1, ...mutations(levels.cluster) };
  const { virtualHosts } = configurationOf(
    [
      {
        ...mutations(levels.route),
        match: { prefix: '/' },
        route: { weighted_clusters: { clusters: [cluster] } },
      },
    ],
    mutations(levels.vhost),
    {
      ...mutations(levels.config),
      most_specific_header_mutations_wins: vector.most_specific_header_mutations_wins,
    },
  );
  const request = requestOf({ headers });
  const entry = virtualHosts[0]!.routes[0]!.entries[0]!;
  const result = finalizeRequest(entry, request, requestContext(request)).headers;
  const names = new Set([...Object.keys(vector.expect), ...result.names]);
  const touched = [...names].filter(
    (name) => name in vector.expect || !headers.some(([it]) => it === name),
  );
  return { expect: Object.fromEntries(touched.map((name) => [name, result.getAll(name)])) };
};

function mutations({ remove = [], add = [] }: Operations = {}): object {
  return {
    request_headers_to_remove: remove,
    request_headers_to_add: add.map(([key, value, action]) => ({
      header: { key, value },
      append_action: ACTIONS.get(action),
    })),
  };
}
