import type { EnvoyCase } from './case-file.ts';
import type { LoggedRequest } from './case-log.ts';

/** Which endpoint listens at an address, and in which cluster it is. */
export interface Topology {
  readonly endpointAt: ReadonlyMap<string, string>;
  readonly clusterOf: ReadonlyMap<string, string>;
}

export function topologyOf(kase: EnvoyCase): Topology {
  const endpointAt = new Map<string, string>();
  const clusterOf = new Map<string, string>();
  for (const cluster of kase.clusters) {
    for (const endpoint of cluster.endpoints ?? []) {
      endpointAt.set(endpoint.address, endpoint.id);
      clusterOf.set(endpoint.id, cluster.name);
    }
  }
  return { endpointAt, clusterOf };
}

/** A request with its outcome in the words of the measures. */
export interface Row {
  readonly request: LoggedRequest;
  readonly name: string;
  /** The backend that answered, else the one tried last, else `-`. */
  readonly endpoint: string;
  readonly status: number;
  readonly flags: string;
  readonly statusFlags: string;
  readonly tried: string;
  readonly cluster: string;
  readonly attempts: number;
  readonly details: string;
}

export function rowOf(request: LoggedRequest, topology: Topology): Row {
  const access = request.access;
  const host = access?.upstreamHost;
  const flags = access?.flags ?? '-';
  const tried = request.tried
    .filter((it) => access?.cluster === undefined || it.cluster === access.cluster)
    .map((it) => topology.endpointAt.get(it.address) ?? it.address);
  return {
    request,
    name: request.name ?? 'all',
    endpoint:
      request.headers.get('x-backend') ??
      (host === undefined ? undefined : topology.endpointAt.get(host)) ??
      '-',
    status: request.status,
    flags,
    statusFlags: flags === '-' ? String(request.status) : `${request.status} ${flags}`,
    tried: tried.join('>'),
    cluster: access?.cluster ?? '-',
    attempts: access?.attempts ?? 0,
    details: access?.details ?? '-',
  };
}
