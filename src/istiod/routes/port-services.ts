import { memoOf } from '#source/memo.ts';
import type { HostName } from '../model/host-name.ts';
import { portByNumber, type Service } from '../model/service.ts';
import type { ServicesByHost } from './sidecar-virtual-service-hosts.ts';

/** By list of services, then port: namespaces that see the same services have one answer. */
const known = memoOf((_services: readonly Service[]) => new Map<number, ServicesByHost>());
const trimmed = memoOf((_service: Service) => new Map<number, Service>());

/**
 * The services that a listener imports on a port, by lower-case host name; port 0 has all of them as
 * they are.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, BuildSidecarOutboundVirtualHosts
 */
export function servicesOfPort(services: readonly Service[], listenPort: number): ServicesByHost {
  const byPort = known(services);
  let found = byPort.get(listenPort);
  if (found === undefined) {
    found = listenPort === 0 ? byHost(services) : servicesWithPort(services, listenPort);
    byPort.set(listenPort, found);
  }
  return found;
}

function byHost(services: readonly Service[]): ServicesByHost {
  return new Map(services.map((service) => [service.hostname, service]));
}

function servicesWithPort(services: readonly Service[], listenPort: number): ServicesByHost {
  const found = new Map<HostName, Service>();
  for (const service of services) {
    const only = withPortAlone(service, listenPort);
    if (only !== undefined) found.set(only.hostname, only);
  }
  return found;
}

/** The same object for the same service: what is made of it is made once. */
function withPortAlone(service: Service, listenPort: number): Service | undefined {
  const port = portByNumber(service, listenPort);
  if (port === undefined) return undefined;
  const byPort = trimmed(service);
  let only = byPort.get(listenPort);
  if (only === undefined) {
    only = { ...service, hostname: service.hostname.toLowerCase(), ports: [port] };
    byPort.set(listenPort, only);
  }
  return only;
}
