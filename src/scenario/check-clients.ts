import type { ClusterView } from '#mesh/cluster/cluster-view.ts';
import type { ClusterDns } from '#mesh/cluster-dns.ts';
import type { Place } from '#source/diagnostic.ts';
import { didYouMeanHint } from '#source/did-you-mean.ts';
import type { ClientSettings } from './file/client-keys.ts';
import type { Report } from './file/shape.ts';
import type { Scenario } from './scenario.ts';
import { findWorkload } from './workload-names.ts';

/** What checks look at. */
export interface CheckContext {
  readonly scenario: Scenario;
  /** With everything that the timeline will bring. */
  readonly view: ClusterView;
  readonly dns: ClusterDns;
  readonly report: Report;
}

/** Finds the workload of each client, and hosts of their requests that nobody serves. */
export function checkClients(context: CheckContext): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, { value }] of context.scenario.clients) {
    const workload = clientWorkload(value, context);
    if (workload === undefined) continue;
    found.set(name, workload);
    if (value.origin?.kind !== 'from') continue; // What a gateway serves is the gateway's to say.
    for (const request of value.requests)
      checkHost(request.target.host, request.at, namespaceOf(workload), context);
  }
  return found;
}

/** Says so when a name is one of the cluster's that nobody has. */
export function checkHost(host: string, at: Place, namespace: string, context: CheckContext): void {
  const { scenario, dns, report } = context;
  if (scenario.allowUnknown || dns.lookUp(host, namespace).kind !== 'unknown') return;
  const hint =
    didYouMeanHint(host, dns.names(namespace)) ??
    'allowUnknown: true lets the mesh answer; names outside have a dot';
  report.error(
    'MS0251',
    at,
    `nobody serves the host "${host}" (asked from namespace ${namespace})`,
    hint,
  );
}

export function namespaceOf(workload: string): string {
  return workload.slice(0, workload.indexOf('/'));
}

function clientWorkload(client: ClientSettings, context: CheckContext): string | undefined {
  const { origin } = client;
  if (origin === undefined) return undefined;
  if (origin.kind === 'through') return gatewayOf(origin.gateway.value, origin.gateway.at, context);
  const workload = findWorkload(origin.workload.value, [...context.view.workloads.keys()]);
  if ('key' in workload) return workload.key;
  return context.report.error('MS0250', origin.workload.at, workload.problem, workload.hint);
}

/** A gateway by its workload's name, or by the name of the Service in front of it. */
function gatewayOf(name: string, at: Place, { view, report }: CheckContext): string | undefined {
  const gateways = [...view.workloads].filter(([, { pods }]) =>
    pods.some((pod) => pod.proxy === 'gateway'),
  );
  const keys = gateways.map(([key]) => key);
  const found = findWorkload(name, keys);
  if ('key' in found) return found.key;
  const names = keys.map((key) => key.slice(key.indexOf('/') + 1));
  const hint =
    didYouMeanHint(name, names) ??
    (keys.length === 0
      ? 'the manifests have no Gateway with a selector'
      : `there are ${names.join(', ')}`);
  return report.error('MS0252', at, `the mesh has no gateway "${name}"`, hint);
}
