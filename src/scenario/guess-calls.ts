import type { ClusterView } from '#mesh/cluster/cluster-view.ts';
import type { PodFacts, WorkloadFacts } from '#mesh/cluster/pod-facts.ts';
import { ClusterDns } from '#mesh/cluster-dns.ts';
import { requestOfService, workloadsBehind } from './guess-clients.ts';

/** A call that a workload seems to make for each request, and why. */
export interface GuessedCall {
  /** `GET http://ratings:9080/` */
  readonly request: string;
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** Per request that the workload serves. */
  readonly perRequest: number;
  readonly why: string;
}

/** By workload. */
export type GuessedCalls = ReadonlyMap<string, readonly GuessedCall[]>;

/** Names that people give to variables which hold the address of a service. */
const ADDRESS_NAME = /(?:ADDR|ADDRESS|URL|URI|HOST|HOSTNAME|ENDPOINT|SERVICES?|BACKEND|UPSTREAM)$/i;

/** Calls that environment variables of containers suggest: `CART_SERVICE_ADDR: cartservice:7070`. */
export function callsOfEnvironment(view: ClusterView): GuessedCalls {
  const dns = new ClusterDns(view);
  const found = new Map<string, readonly GuessedCall[]>();
  for (const [key, workload] of view.workloads) {
    const [pod] = workload.pods;
    if (pod === undefined || pod.proxy === 'gateway') continue;
    const calls = callsOf(view, dns, workload, pod);
    if (calls.length > 0) found.set(key, calls);
  }
  return found;
}

function callsOf(
  view: ClusterView,
  dns: ClusterDns,
  workload: WorkloadFacts,
  pod: PodFacts,
): readonly GuessedCall[] {
  const calls = new Map<string, GuessedCall>();
  const variables = pod.resource.spec.containers.flatMap(({ env }) => env);
  for (const { name, value } of variables) {
    const isAddress = ADDRESS_NAME.test(name) || value.includes('://');
    if (!isAddress) continue;
    for (const address of addressesIn(value)) {
      const answer = dns.lookUp(address.host, workload.namespace);
      if (answer.kind !== 'service') continue;
      const { service } = answer;
      const request = requestOfService(service, workload.namespace, address.port);
      const behind = workloadsBehind(view, service);
      if (request === undefined || request.startsWith('tcp:') || behind.includes(workload))
        continue;
      const key = `${service.metadata.namespace}/${service.metadata.name}`;
      calls.set(key, { request, service: key, perRequest: 1, why: name });
    }
  }
  return [...calls.values()];
}

/** Hosts with ports in a text, alone, in URLs or in lists of either. */
function addressesIn(text: string): { readonly host: string; readonly port: number | undefined }[] {
  const parts = text.split(/[\s,;|]+/).filter((part) => part.length > 0 && part.length < 500);
  return parts.flatMap((part) => {
    const [, host, port] =
      /^(?:[a-z][a-z0-9+]*:\/\/)?([a-z][-a-z0-9.]*)(?::(\d{1,5}))?(?:\/.*)?$/i.exec(part) ?? [];
    if (host === undefined) return [];
    return [{ host, port: port === undefined ? undefined : Number(port) }];
  });
}

/**
 * The calls without those that would close a circle, which are given apart: with guesses a request would
 * never end.
 */
export function withoutCircles(
  calls: GuessedCalls,
  behind: (service: string) => readonly string[],
): { readonly calls: GuessedCalls; readonly dropped: readonly (readonly [string, GuessedCall])[] } {
  const kept = new Map<string, GuessedCall[]>();
  const dropped: (readonly [string, GuessedCall])[] = [];
  const leadsTo = (from: string, to: string, seen: Set<string>): boolean => {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return (kept.get(from) ?? []).some(({ service }) =>
      behind(service).some((next) => leadsTo(next, to, seen)),
    );
  };
  for (const [workload, own] of calls) {
    for (const call of own) {
      if (behind(call.service).some((next) => leadsTo(next, workload, new Set())))
        dropped.push([workload, call]);
      else kept.set(workload, [...(kept.get(workload) ?? []), call]);
    }
  }
  return { calls: kept, dropped };
}
