import type { Service as KubernetesService } from '#config/resource.ts';
import { compareText } from '#source/compare-text.ts';
import { targetPort } from './kubernetes-endpoints.ts';
import { type Labels, selects } from './labels.ts';
import type { ProxyModel } from './proxy.ts';
import type { Service, ServicePort } from './service.ts';
import type { WorkloadIndex } from './workload-index.ts';

/** A port on which a proxy's own workload serves. */
export interface ServiceTarget {
  readonly service: Service;
  readonly port: ServicePort;
  /** The container's port. */
  readonly targetPort: number;
}

/** A Kubernetes Service and what the registry makes of it. */
export interface RegisteredService {
  readonly resource: KubernetesService;
  readonly service: Service;
}

/**
 * What Kubernetes Services make of a proxy's workload: for a pod by its containers' ports, for a
 * WorkloadEntry by its ports, else by the proxy's labels alone.
 *
 * @source istio: pilot/pkg/serviceregistry/kube/controller/controller.go, GetProxyServiceTargets
 */
export function kubernetesTargets(
  proxy: ProxyModel,
  services: readonly RegisteredService[],
  workloads: WorkloadIndex,
): ServiceTarget[] {
  const [ip = ''] = proxy.ips;
  const entry = workloads
    .entries(proxy.namespace)
    .find((candidate) => candidate.facts.address === ip);
  if (entry !== undefined) {
    return selecting(services, entry.facts.labels)
      .filter(({ service }) => service.resolution === 'ClientSideLB')
      .flatMap((found) =>
        targetsOf(found, (port) => {
          const target = port.targetPort ?? port.port;
          if (typeof target === 'string') return entry.ports.get(target);
          return entry.ports.get(port.name) ?? target;
        }),
      );
  }
  const pod =
    workloads.podNamed(proxy.namespace, proxy.name) ?? workloads.podAt(proxy.namespace, ip);
  if (pod !== undefined) {
    return selecting(services, pod.metadata.labels).flatMap((found) =>
      targetsOf(found, (port) => targetPort(pod, port)),
    );
  }
  return selecting(services, proxy.labels).flatMap((found) =>
    targetsOf(found, ({ targetPort: target, port }) =>
      typeof target === 'string' ? 0 : (target ?? port),
    ),
  );
}

function selecting(services: readonly RegisteredService[], labels: Labels): RegisteredService[] {
  return services.filter(
    ({ service }) => service.selector !== undefined && selects(service.selector, labels),
  );
}

/** Of ports that lead to the same target with the same protocol, the first. */
function targetsOf(
  { resource, service }: RegisteredService,
  targetOf: (port: KubernetesService['spec']['ports'][number]) => number | undefined,
): ServiceTarget[] {
  const targets = new Map<string, ServiceTarget>();
  for (const [index, written] of resource.spec.ports.entries()) {
    const port = service.ports[index]!;
    const target = targetOf(written);
    const key = `${target}/${port.protocol}`;
    if (target !== undefined && !targets.has(key)) {
      targets.set(key, { service, port, targetPort: target });
    }
  }
  return [...targets.values()];
}

/** Oldest service first, then by host name. @source istio: pilot/pkg/model/context.go, SetServiceTargets */
export function sortedTargets(targets: readonly ServiceTarget[]): ServiceTarget[] {
  return [...targets].sort(
    (a, b) =>
      a.service.createdAtS - b.service.createdAtS ||
      compareText(a.service.hostname, b.service.hostname),
  );
}
