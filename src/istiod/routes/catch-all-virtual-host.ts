import type { Route, VirtualHost } from '#xds/route.ts';
import type { OutboundTrafficPolicy } from '../model/sidecar-scope.ts';
import {
  ALLOW_ANY_DYNAMIC_DNS_CLUSTER,
  ALLOW_ANY_DYNAMIC_DNS_ROUTE,
  BLACK_HOLE_CLUSTER,
  BLACK_HOLE_ROUTE,
  PASSTHROUGH_CLUSTER,
  PASSTHROUGH_ROUTE,
} from '../special-names.ts';
import { destinationCluster } from './destination-cluster.ts';

/**
 * What happens to requests for hosts that nobody declared.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, buildCatchAllVirtualHost
 */
export function catchAllVirtualHost(policy: OutboundTrafficPolicy): VirtualHost {
  const name = catchAllName(policy);
  const match = { prefix: '/' };
  const forwarding = {
    cluster:
      name === ALLOW_ANY_DYNAMIC_DNS_ROUTE
        ? ALLOW_ANY_DYNAMIC_DNS_CLUSTER
        : unknownTrafficCluster(policy),
    timeout: '0s',
    maxGrpcTimeout: '0s',
  };
  const route: Route =
    name === BLACK_HOLE_ROUTE
      ? { name, match, directResponse: { status: 502 } }
      : { name, match, route: forwarding };
  return { name, domains: ['*'], routes: [route], includeRequestAttemptCount: true };
}

function catchAllName({ mode }: OutboundTrafficPolicy): string {
  if (mode === 'ALLOW_ANY_DYNAMIC_DNS') return ALLOW_ANY_DYNAMIC_DNS_ROUTE;
  return mode === 'ALLOW_ANY' ? PASSTHROUGH_ROUTE : BLACK_HOLE_ROUTE;
}

/**
 * Where connections go that nobody declared, and requests of unknown hosts where they are allowed.
 *
 * @source istio: pilot/pkg/networking/core/listener_builder.go, buildOutboundCatchAllNetworkFiltersOnly
 */
export function unknownTrafficCluster({ mode, egressProxy }: OutboundTrafficPolicy): string {
  if (mode === 'REGISTRY_ONLY') return BLACK_HOLE_CLUSTER;
  return egressProxy === undefined
    ? PASSTHROUGH_CLUSTER
    : destinationCluster(egressProxy, undefined, 0);
}
