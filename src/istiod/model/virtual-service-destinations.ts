import type { Destination } from '#config/istio/shared-shapes.ts';
import type { HttpRoute } from '#config/istio/virtual-service.ts';
import { memoOf } from '#source/memo.ts';
import type { HostName } from './host-name.ts';
import type { VirtualService } from './virtual-service.ts';

/** The port 0 stands for a destination that names none. */
export const ANY_PORT = 0;

/**
 * The hosts that a VirtualService sends to, with their ports. Routes that only other namespaces may
 * take are left out.
 *
 * @source istio: pilot/pkg/model/push_context.go, virtualServiceDestinationsFilteredBySourceNamespace
 */
export function destinationsOf(
  virtualService: VirtualService,
  clientNamespace: string,
): Destinations {
  return asksForNamespace(virtualService)
    ? collect(virtualService, clientNamespace)
    : allDestinationsOf(virtualService);
}

/** The hosts that a VirtualService sends to, whoever calls. */
export const allDestinationsOf = memoOf(
  (virtualService: VirtualService): Destinations => collect(virtualService, undefined),
);

/** Ports by host. */
type Destinations = ReadonlyMap<HostName, ReadonlySet<number>>;

const asksForNamespace = memoOf(({ spec }: VirtualService) =>
  spec.http.some(({ match }) => match.some(({ sourceNamespace }) => sourceNamespace !== '')),
);

function collect({ spec }: VirtualService, clientNamespace: string | undefined): Destinations {
  const found = new Map<HostName, Set<number>>();
  const add = (destination: Destination | undefined): void => {
    if (destination === undefined) return;
    const port = destination.port?.number ?? ANY_PORT;
    const known = found.get(destination.host);
    if (known === undefined) found.set(destination.host, new Set([port]));
    else known.add(port);
  };
  for (const route of spec.http) {
    if (clientNamespace !== undefined && !isOpenTo(route, clientNamespace)) continue;
    for (const { destination } of route.route) add(destination);
    add(route.mirror);
    for (const { destination } of route.mirrors) add(destination);
  }
  for (const { route } of [...spec.tcp, ...spec.tls]) {
    for (const { destination } of route) add(destination);
  }
  return found;
}

function isOpenTo({ match }: HttpRoute, namespace: string): boolean {
  const named = match.filter(({ sourceNamespace }) => sourceNamespace !== '');
  return named.length === 0 || named.some(({ sourceNamespace }) => sourceNamespace === namespace);
}
