import type { ResourceOf } from '#config/resource.ts';
import { isIpAddress } from '#istiod/model/names.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import type { Labels, PodFacts } from './cluster/pod-facts.ts';

const DOMAIN = 'cluster.local';

/** What a name means to an application in the cluster. */
export type NameAnswer =
  | {
      readonly kind: 'service';
      readonly service: ResourceOf<'Service'>;
      readonly addresses: readonly string[];
    }
  | { readonly kind: 'address'; readonly address: string }
  /** Not a name of the cluster: the outside's DNS knows it. */
  | { readonly kind: 'outside'; readonly host: string }
  /** A cluster name that nobody has. */
  | { readonly kind: 'unknown' };

/** Answers names as Kubernetes DNS does: search domains of the caller's namespace first. */
export class ClusterDns {
  readonly #services = new Map<string, ResourceOf<'Service'>>();
  /** By namespace, then labels: pods of one template have the same ones. */
  readonly #pods = new Map<string, Map<Labels, PodFacts[]>>();
  readonly #entryAddresses = new Map<string, string>();
  readonly #entryHosts: readonly string[];

  constructor(view: ClusterView) {
    for (const pod of view.pods) this.#add(pod);
    for (const service of view.store.of('Service')) {
      const { name, namespace } = service.metadata;
      this.#services.set(`${name}.${namespace}.svc.${DOMAIN}`, service);
    }
    const hosts: string[] = [];
    for (const entry of view.store.of('ServiceEntry')) {
      hosts.push(...entry.spec.hosts);
      const address = entry.spec.addresses.find((it) => isIpAddress(it));
      if (address === undefined) continue;
      for (const host of entry.spec.hosts) this.#entryAddresses.set(host, address);
    }
    this.#entryHosts = hosts;
  }

  #add(pod: PodFacts): void {
    let byLabels = this.#pods.get(pod.namespace);
    if (byLabels === undefined) {
      byLabels = new Map();
      this.#pods.set(pod.namespace, byLabels);
    }
    const list = byLabels.get(pod.labels);
    if (list === undefined) byLabels.set(pod.labels, [pod]);
    else list.push(pod);
  }

  lookUp(name: string, namespace: string, depth = 0): NameAnswer {
    const host = name.endsWith('.') ? name.slice(0, -1) : name;
    if (isIpAddress(host)) return { kind: 'address', address: host };
    const service = this.#find(host, namespace);
    if (service === undefined) return this.#beyond(host);
    if (service.spec.type === 'ExternalName' && depth < 8)
      return this.lookUp(service.spec.externalName, service.metadata.namespace, depth + 1);
    return { kind: 'service', service, addresses: this.#addressesOf(service) };
  }

  /** Every name that a request from a namespace could mean, for suggestions. */
  *names(namespace: string): Generator<string> {
    for (const service of this.#services.values()) {
      const { name, namespace: own } = service.metadata;
      yield own === namespace ? name : `${name}.${own}`;
    }
    yield* this.#entryHosts;
  }

  /** The pods that a service selects, ready ones first asked for. */
  podsOf(service: ResourceOf<'Service'>): readonly PodFacts[] {
    const { selector } = service.spec;
    if (selector.size === 0) return [];
    const chosen: (readonly PodFacts[])[] = [];
    for (const [labels, pods] of this.#pods.get(service.metadata.namespace) ?? []) {
      if (selects(selector, labels)) chosen.push(pods);
    }
    // In the order of the view: by name.
    return chosen.length < 2 ? (chosen[0] ?? []) : chosen.flat().sort(compareNames);
  }

  #find(host: string, namespace: string): ResourceOf<'Service'> | undefined {
    const candidates = [
      `${host}.${namespace}.svc.${DOMAIN}`,
      `${host}.svc.${DOMAIN}`,
      `${host}.${DOMAIN}`,
      host,
    ];
    for (const candidate of candidates) {
      const service = this.#services.get(candidate);
      if (service !== undefined) return service;
    }
    return undefined;
  }

  #beyond(host: string): NameAnswer {
    const address = this.#entryAddresses.get(host);
    if (address !== undefined) return { kind: 'address', address };
    if (this.#entryHosts.includes(host)) return { kind: 'outside', host };
    const isOurs = !host.includes('.') || host.endsWith(`.${DOMAIN}`) || host.endsWith('.svc');
    return isOurs ? { kind: 'unknown' } : { kind: 'outside', host };
  }

  /** The cluster IP; for a headless service its pods. */
  #addressesOf(service: ResourceOf<'Service'>): readonly string[] {
    const { clusterIP } = service.spec;
    if (clusterIP !== 'None' && clusterIP !== '') return [clusterIP];
    return this.podsOf(service)
      .filter((pod) => pod.isReady)
      .map((pod) => pod.ip);
  }
}

function selects(selector: Labels, labels: Labels): boolean {
  for (const [name, value] of selector) if (labels.get(name) !== value) return false;
  return true;
}

function compareNames(a: PodFacts, b: PodFacts): number {
  return a.name < b.name ? -1 : 1;
}

/** The port of a pod that a service's port leads to; undefined when the service has no such port. */
export function targetPortOf(
  service: ResourceOf<'Service'>,
  port: number,
  pod: PodFacts,
): number | undefined {
  const found = service.spec.ports.find((it) => it.port === port);
  if (found === undefined) return undefined;
  const { targetPort } = found;
  if (targetPort === undefined || targetPort === 0 || targetPort === '') return port;
  if (typeof targetPort === 'number') return targetPort;
  return /^\d+$/.test(targetPort) ? Number(targetPort) : pod.ports.get(targetPort);
}
