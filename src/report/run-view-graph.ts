import { endpointsNamed } from '#mesh/snapshot-lists.ts';
import type { Run } from '#scenario/run.ts';
import type { Place } from '#source/diagnostic.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import type { RowId } from '#telemetry/recorder.ts';
import type { RowTable } from '#telemetry/row-table.ts';
import type { ViewBadge, ViewEdge, ViewNode, ViewPlace } from './run-view.ts';

/** Nodes and edges of a run; edges are made as rows ask for theirs. */
export class RunViewGraph {
  readonly edges: ViewEdge[] = [];
  readonly #run: Run;
  readonly #rows: RowTable;
  readonly #edgeIndex = new Map<string, number>();
  readonly #services = new Map<string, ViewNode>();
  readonly #others = new Map<string, ViewNode>();
  readonly #workloadOfCluster = new Map<string, string>();
  readonly #workloadOfIp = new Map<string, string>();
  readonly #mutualTls: ReadonlySet<string>;

  constructor(run: Run) {
    this.#run = run;
    this.#rows = run.recorder.rows;
    for (const { pods, namespace, name } of run.mesh.view.workloads.values())
      for (const { ip } of pods) this.#workloadOfIp.set(ip, workloadId(namespace, name));
    this.#mutualTls = this.#mutualTlsPairs();
  }

  /** The edge of a row that a proxy counted at the source: its index. */
  edgeOf(row: RowId): number {
    const from = this.sourceOf(row);
    const service = this.#serviceOf(row);
    const to = this.#answererOf(row);
    const isMirror = this.#rows.kindOf(row) === 'mirror';
    const key = `${from} ${service} ${to} ${isMirror}`;
    const known = this.#edgeIndex.get(key);
    if (known !== undefined) return known;
    const index = this.edges.length;
    const isMutualTls = this.#mutualTls.has(`${from} ${to}`);
    this.edges.push({
      from,
      service,
      to,
      protocol: this.#rows.protocolOf(row),
      isMirror,
      isMutualTls,
    });
    this.#edgeIndex.set(key, index);
    return index;
  }

  /** The workload that sends. */
  sourceOf(row: RowId): string {
    const workload = labelOf(this.#rows, row, 'source_workload');
    return workloadId(labelOf(this.#rows, row, 'source_workload_namespace'), workload);
  }

  /** Workloads of the cluster, and what else was met, by id. */
  nodes(): readonly ViewNode[] {
    const seen = new Set(this.edges.flatMap(({ from, to }) => [from, to]));
    const found = new Map<string, ViewNode>();
    for (const node of this.#workloads(seen)) found.set(node.id, node);
    for (const node of [...this.#services.values(), ...this.#others.values()])
      if (!found.has(node.id)) found.set(node.id, node);
    for (const id of seen) if (id !== '' && !found.has(id)) found.set(id, strangerOf(id));
    return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  *#workloads(seen: ReadonlySet<string>): Generator<ViewNode> {
    const clients = this.#clientsByWorkload();
    for (const { namespace, name, pods } of this.#run.mesh.view.workloads.values()) {
      const id = workloadId(namespace, name);
      const first = pods[0];
      const isGateway = first?.proxy === 'gateway';
      if (isGateway && !seen.has(id) && !clients.has(id)) continue;
      const app = first?.labels.get('app') ?? '';
      yield {
        id,
        kind: isGateway ? 'gateway' : 'workload',
        name,
        namespace,
        version: first?.labels.get('version') ?? '',
        app: isGateway ? '' : app,
        pods: pods.map((pod) => ({ name: pod.name, ip: pod.ip })),
        hasSidecar: first?.proxy !== 'none',
        clients: clients.get(id) ?? [],
        badges: this.#badgesOfWorkload(namespace, first?.proxy ?? 'sidecar', first?.labels),
      };
    }
  }

  #clientsByWorkload(): ReadonlyMap<string, readonly string[]> {
    const byWorkload = new Map<string, string[]>();
    for (const [client, key] of this.#run.experiment.clientWorkloads) {
      const id = `workload ${key}`;
      byWorkload.set(id, [...(byWorkload.get(id) ?? []), client]);
    }
    return byWorkload;
  }

  #badgesOfWorkload(
    namespace: string,
    proxy: string,
    labels: ReadonlyMap<string, string> | undefined,
  ): readonly ViewBadge[] {
    if (proxy === 'gateway') return [{ kind: 'gateway', says: 'Gateway', at: undefined }];
    const badges: ViewBadge[] = [];
    if (proxy === 'none')
      badges.push({ kind: 'missing-sidecar', says: 'no sidecar', at: undefined });
    for (const rule of this.#run.mesh.given.of('DestinationRule')) {
      if (!isHostOf(rule.spec.host, labels?.get('app') ?? '', namespace, rule.metadata.namespace))
        continue;
      const at = rule.placeOf(['spec', 'trafficPolicy']);
      const says = `Circuit breaker: DestinationRule ${rule.metadata.name}`;
      const ofSubset = rule.spec.subsets.findIndex((subset) => {
        const wanted = [...subset.labels];
        return wanted.length > 0 && wanted.every(([key, value]) => labels?.get(key) === value);
      });
      const limits = (policy: unknown) =>
        typeof policy === 'object' &&
        policy !== null &&
        (('connectionPool' in policy && policy.connectionPool !== undefined) ||
          ('outlierDetection' in policy && policy.outlierDetection !== undefined));
      if (ofSubset >= 0 && limits(rule.spec.subsets[ofSubset]!.trafficPolicy)) {
        const place = rule.placeOf(['spec', 'subsets', ofSubset, 'trafficPolicy']);
        badges.push({ kind: 'circuit-breaker', says, at: placeOf(place) });
      } else if (limits(rule.spec.trafficPolicy))
        badges.push({ kind: 'circuit-breaker', says, at: placeOf(at) });
    }
    return badges;
  }

  #serviceOf(row: RowId): string {
    const name = labelOf(this.#rows, row, 'destination_service_name');
    const cluster = labelOf(this.#rows, row, 'upstream_cluster');
    if (cluster === '' && (name === '' || name === 'unknown')) return '';
    const namespace = labelOf(this.#rows, row, 'destination_service_namespace');
    const id = `service ${namespace}/${name}`;
    if (!this.#services.has(id)) this.#services.set(id, this.#serviceNode(id, name, namespace));
    return id;
  }

  #serviceNode(id: string, name: string, namespace: string): ViewNode {
    const isOurs = this.#run.mesh.view.store.find('Service', namespace, name) !== undefined;
    return {
      id,
      kind: isOurs ? 'service' : 'external',
      name,
      namespace,
      version: '',
      app: '',
      pods: [],
      hasSidecar: true,
      clients: [],
      badges: this.#virtualServicesOf(name, namespace),
    };
  }

  #virtualServicesOf(name: string, namespace: string): readonly ViewBadge[] {
    const found = this.#run.mesh.given
      .of('VirtualService')
      .filter(({ spec, metadata }) =>
        spec.hosts.some((host) => isHostOf(host, name, namespace, metadata.namespace)),
      );
    return found.map((resource) => {
      const { http } = resource.spec;
      const does = [
        ...(http.some(({ match }) => match.length > 0) ? ['request routing'] : []),
        ...(http.some(({ route }) => route.length > 1) ? ['traffic shifting'] : []),
        ...(http.some(({ fault }) => fault !== undefined) ? ['fault injection'] : []),
        ...(http.some(({ mirror }) => mirror !== undefined) ? ['mirroring'] : []),
        ...(http.some(({ timeout }) => timeout !== undefined) ? ['request timeout'] : []),
        ...(http.some(({ retries }) => retries !== undefined) ? ['retries'] : []),
      ];
      const says = `VirtualService ${resource.metadata.name}${does.length === 0 ? '' : `: ${does.join(', ')}`}`;
      return { kind: 'virtual-service', says, at: placeOf(resource.placeOf([])) };
    });
  }

  /** The workload that answered; where none did, the one that the cluster stands for. */
  #answererOf(row: RowId): string {
    const host = this.#rows.hostOf(row);
    const cluster = labelOf(this.#rows, row, 'upstream_cluster');
    if (host !== undefined && host.workload !== '') {
      const isOutside = host.namespace === '';
      if (isOutside) return '';
      const id = workloadId(host.namespace, host.workload);
      this.#workloadOfCluster.set(cluster, id);
      return id;
    }
    return cluster === '' ? '' : this.workloadOfCluster(cluster);
  }

  /** The only workload, or the first, that a cluster leads to; '' if there is none. */
  workloadOfCluster(cluster: string): string {
    const known = this.#workloadOfCluster.get(cluster);
    if (known !== undefined) return known;
    for (const { snapshot } of this.#run.mesh.proxies) {
      const assignment = endpointsNamed(snapshot, cluster);
      for (const { lbEndpoints } of assignment?.endpoints ?? [])
        for (const { endpoint } of lbEndpoints ?? []) {
          const ip = endpoint?.address?.socketAddress?.address ?? '';
          const workload = this.#workloadOfIp.get(ip);
          if (workload === undefined) continue;
          this.#workloadOfCluster.set(cluster, workload);
          return workload;
        }
    }
    return '';
  }

  #mutualTlsPairs(): ReadonlySet<string> {
    const pairs = new Set<string>();
    const rows = this.#rows;
    for (const kind of ['destination', 'tcpDestination'] as const)
      for (const row of this.#run.recorder.rowsOf(kind)) {
        if (!rows.isMutualTls(row)) continue;
        const to = labelOf(rows, row, 'destination_workload');
        const namespace = labelOf(rows, row, 'destination_workload_namespace');
        pairs.add(`${this.sourceOf(row)} ${workloadId(namespace, to)}`);
      }
    return pairs;
  }
}

export function workloadId(namespace: string, name: string): string {
  return `workload ${namespace}/${name}`;
}

export function placeOf(at: Place | undefined): ViewPlace | undefined {
  if (at === undefined) return undefined;
  const { file, line, column, length } = at;
  return { file, line, column, length };
}

/** Whether a host as written in an object of `written` means the service `name` of `namespace`. */
function isHostOf(host: string, name: string, namespace: string, written: string): boolean {
  if (host === name) return name.includes('.') || namespace === written;
  return host === `${name}.${namespace}` || host.startsWith(`${name}.${namespace}.svc`);
}

function strangerOf(id: string): ViewNode {
  const [namespace = '', name = ''] = id.replace(/^workload /, '').split('/');
  return {
    id,
    kind: 'unknown',
    name,
    namespace,
    version: '',
    app: '',
    pods: [],
    hasSidecar: true,
    clients: [],
    badges: [],
  };
}
