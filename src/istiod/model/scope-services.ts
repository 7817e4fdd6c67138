import { equalExportTo } from './export-to.ts';
import type { HostName } from './host-name.ts';
import { equalLabels, NO_LABELS } from './labels.ts';
import { equalPorts, type Service } from './service.ts';

/**
 * The services of a scope, one per host. A Kubernetes Service takes the place of a ServiceEntry; parts
 * of one service that several listeners import are put together again.
 *
 * @source istio: pilot/pkg/model/sidecar.go, appendSidecarServices
 */
export class ScopeServices {
  readonly #byHost = new Map<HostName, Service>();

  add(service: Service): void {
    const existing = this.#byHost.get(service.hostname);
    if (existing === undefined) {
      this.#byHost.set(service.hostname, service);
      return;
    }
    if (service === existing) return;
    if (existing.registry === 'Kubernetes' && service.registry !== 'Kubernetes') return;
    if (existing.registry !== 'Kubernetes' && service.registry === 'Kubernetes') {
      this.#byHost.set(service.hostname, service);
      return;
    }
    if (equalPorts(existing.ports, service.ports) || !canMerge(existing, service)) return;
    const known = new Set(existing.ports.map(({ port }) => port));
    const more = service.ports.filter(({ port }) => !known.has(port));
    if (more.length === 0) return; // The same service stays the same object.
    this.#byHost.set(service.hostname, { ...existing, ports: [...existing.ports, ...more] });
  }

  /** In the order in which their hosts were first met. */
  get byHost(): ReadonlyMap<HostName, Service> {
    return this.#byHost;
  }
}

/** @source istio: pilot/pkg/model/sidecar.go, canMergeServices */
function canMerge(a: Service, b: Service): boolean {
  return (
    a.namespace === b.namespace &&
    a.resolution === b.resolution &&
    a.registry === b.registry &&
    equalLabels(a.labels, b.labels) &&
    equalLabels(a.selector ?? NO_LABELS, b.selector ?? NO_LABELS) &&
    equalExportTo(a.exportTo, b.exportTo)
  );
}
