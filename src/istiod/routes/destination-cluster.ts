import type { Destination } from '#config/istio/shared-shapes.ts';
import { outboundClusterName } from '../model/names.ts';
import type { Service } from '../model/service.ts';

/**
 * The cluster that a destination means: of its own port, else of the service's only port, else of the
 * listener's. An ExternalName Service stands for its target. Whether such a cluster exists is not asked.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, GetDestinationCluster
 */
export function destinationCluster(
  destination: Destination | undefined,
  service: Service | undefined,
  listenPort: number,
): string {
  if (destination === undefined || destination.host === '') return 'UnknownService';
  const { host, subset, port } = destination;
  const onlyPort = service?.ports.length === 1 ? service.ports[0]!.port : undefined;
  const number = port === undefined ? (onlyPort ?? listenPort) : port.number;
  return outboundClusterName(number, subset, service?.externalName || host);
}
