import type { ClusterView } from '#mesh/cluster/cluster-view.ts';
import { ClusterDns } from '#mesh/cluster-dns.ts';
import type { GuessedCall, GuessedCalls } from '../guess-calls.ts';
import { type GuessedClient, requestOfService, workloadsBehind } from '../guess-clients.ts';
import type { MeasuredLatency } from './measured-latency.ts';
import { type MeasuredEdge, measuredMesh } from './measured-mesh.ts';
import type { Measurements, NamedReport } from './measurements.ts';
import { short } from './short-text.ts';

/** What was measured, told of the workloads that the manifests have. Workloads and services are `namespace/name`. */
export interface MeasuredFacts {
  readonly latencies: ReadonlyMap<string, MeasuredLatency>;
  readonly errorShares: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** By workload: where each number comes from. */
  readonly reasons: ReadonlyMap<string, string>;
  readonly calls: GuessedCalls;
  /** By `WORKLOAD SERVICE`: how long such a call took, in ms. */
  readonly callTimesMs: ReadonlyMap<string, number>;
  /** By service: the share of its answers from 500 on. */
  readonly failedShares: ReadonlyMap<string, number>;
  /** Who sends from outside, or of its own accord; empty = not measured. */
  readonly clients: readonly GuessedClient[];
  /** What could not be used, and why. */
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
}

/** Of the samples and reports, what the workloads of a cluster can be fitted to. */
export function measuredFacts(view: ClusterView, measurements: Measurements): MeasuredFacts {
  const mesh = measuredMesh(measurements.samples);
  const latencies = new Map(mesh.latencies);
  const errorShares = new Map(mesh.errorShares);
  const reasons = new Map(
    [...latencies].map(([key, { count }]) => [key, `measured: ${amount(count)} requests`]),
  );
  const leftOut: { what: string; why: string }[] = [];
  for (const { workload, report, file } of measurements.reports) {
    const keys = workloadsOfReport(view, { workload, report, file });
    if (keys.length === 0) leftOut.push({ what: file, why: whyNot({ workload, report, file }) });
    for (const key of keys) {
      latencies.set(key, report.latency);
      errorShares.set(key, report.errorShares);
      reasons.set(key, `as ${report.tool} saw it from outside, proxies and network included`);
    }
  }
  const unknown = [...mesh.latencies.keys()].filter((key) => !view.workloads.has(key));
  for (const key of unknown)
    leftOut.push({ what: `metrics of ${key}`, why: 'the manifests have no such workload' });
  const asked = new EdgeReader(view, mesh.received);
  return {
    latencies,
    errorShares,
    reasons,
    calls: asked.callsOf(mesh.edges),
    callTimesMs: callTimes(mesh.edges),
    failedShares: failedShares(view, errorShares),
    clients: [
      ...asked.clientsOf(mesh.edges, measurements.windowNs),
      ...measurements.reports.flatMap((report) => clientOfReport(view, report)),
    ],
    leftOut,
  };
}

function amount(count: number): string {
  return count >= 1 ? String(Math.round(count)) : short(count);
}

function workloadsOfReport(
  view: ClusterView,
  { workload, report }: NamedReport,
): readonly string[] {
  const named = workload ?? '';
  if (named !== '') {
    const isNamed = (key: string) => key === named || key.endsWith(`/${named}`);
    return [...view.workloads.keys()].filter(isNamed);
  }
  const service = report.host === undefined ? undefined : serviceOfHost(view, report.host);
  return service === undefined
    ? []
    : workloadsBehind(view, service).map(({ namespace, name }) => `${namespace}/${name}`);
}

function serviceOfHost(view: ClusterView, host: string) {
  const answer = new ClusterDns(view).lookUp(host, 'default');
  return answer.kind === 'service' ? answer.service : undefined;
}

function whyNot({ workload, report }: NamedReport): string {
  if (workload !== undefined) return `the manifests have no workload ${workload}`;
  return report.host === undefined
    ? `${report.tool} does not say which workload it measured: --metrics WORKLOAD=FILE`
    : `${report.host} is no Service of the manifests: --metrics WORKLOAD=FILE`;
}

/** The load of a generator, sent to the same Service from inside the mesh. */
function clientOfReport(view: ClusterView, named: NamedReport): readonly GuessedClient[] {
  const { report } = named;
  const [key] = workloadsOfReport(view, named);
  const service =
    (report.host === undefined ? undefined : serviceOfHost(view, report.host)) ??
    view.store
      .of('Service')
      .find((it) =>
        workloadsBehind(view, it).some(({ namespace, name }) => `${namespace}/${name}` === key),
      );
  const request = service && requestOfService(service, 'default');
  if (key === undefined || request === undefined) return [];
  return [
    {
      name: report.tool.toLowerCase(),
      origin: { kind: 'from', workload: 'default/caller' },
      request,
      why: `as ${report.tool} sent it`,
      load: report.load,
    },
  ];
}

function callTimes(edges: readonly MeasuredEdge[]): ReadonlyMap<string, number> {
  return new Map(
    edges.flatMap(({ source, service, meanMs }) =>
      source === undefined || meanMs === undefined
        ? []
        : [[`${source} ${service}`, meanMs] as const],
    ),
  );
}

function failedShares(
  view: ClusterView,
  errorShares: MeasuredFacts['errorShares'],
): ReadonlyMap<string, number> {
  return new Map(
    view.store.of('Service').map((service) => {
      const { namespace, name } = service.metadata;
      const shares = workloadsBehind(view, service).map((workload) =>
        [...(errorShares.get(`${workload.namespace}/${workload.name}`) ?? [])]
          .filter(([status]) => status >= 500)
          .reduce((sum, [, share]) => sum + share, 0),
      );
      return [`${namespace}/${name}`, Math.max(0, ...shares)] as const;
    }),
  );
}

/** Reads edges as calls of workloads that are asked themselves, and as clients of the others. */
class EdgeReader {
  readonly #view: ClusterView;
  readonly #received: ReadonlyMap<string, number>;

  constructor(view: ClusterView, received: ReadonlyMap<string, number>) {
    this.#view = view;
    this.#received = received;
  }

  callsOf(edges: readonly MeasuredEdge[]): GuessedCalls {
    const calls = new Map<string, GuessedCall[]>();
    for (const { source, service, count } of edges) {
      const perRequest = source === undefined ? 0 : count / (this.#received.get(source) ?? 0);
      const request = source === undefined ? undefined : this.#request(source, service);
      if (source === undefined || request === undefined || !this.#isServer(source)) continue;
      // One call in a thousand requests is somebody who looked by.
      if (!(perRequest >= 0.001) || !Number.isFinite(perRequest)) continue;
      const why = `${short(perRequest)} per request`;
      calls.set(source, [...(calls.get(source) ?? []), { request, service, perRequest, why }]);
    }
    return calls;
  }

  clientsOf(
    edges: readonly MeasuredEdge[],
    windowNs: number | undefined,
  ): readonly GuessedClient[] {
    const entries = edges.filter(
      ({ source, count }) => count > 0 && (source === undefined || !this.#isServer(source)),
    );
    const most = Math.max(...entries.map(({ count }) => count));
    return entries.flatMap(({ source, service, count }): readonly GuessedClient[] => {
      const workload =
        source !== undefined && this.#view.workloads.has(source) ? source : undefined;
      const request = this.#request(workload ?? 'default/', service);
      if (request === undefined) return [];
      const perSecond = windowNs === undefined ? (10 * count) / most : count / (windowNs / 1e9);
      const name = service.slice(service.indexOf('/') + 1);
      return [
        {
          name: `to-${name}`,
          origin: { kind: 'from', workload: workload ?? 'default/caller' },
          request,
          why: `measured: ${amount(count)} requests from ${source ?? 'outside the mesh'}`,
          load: `{ rate: ${short(perSecond)}/s }`,
        },
      ];
    });
  }

  /** It answers requests itself: what it sends are calls. */
  #isServer(key: string): boolean {
    const pods = this.#view.workloads.get(key)?.pods ?? [];
    return pods.some(({ proxy }) => proxy !== 'gateway') && (this.#received.get(key) ?? 0) > 0;
  }

  #request(from: string, service: string): string | undefined {
    const [namespace, name] = service.split('/');
    const found = this.#view.store
      .of('Service')
      .find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    const request = found && requestOfService(found, from.split('/')[0] ?? '');
    return request?.startsWith('tcp:') === true ? undefined : request;
  }
}
