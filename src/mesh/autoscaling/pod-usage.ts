import type { PodRuntime } from '../pod-runtime.ts';
import { quantityOf } from './quantity.ts';

/** What a pod used since it was read before. */
export interface Usage {
  /** Of the CPU that its containers request; undefined when they request none. */
  readonly cpuShare: number | undefined;
  readonly cpuCores: number;
  /** Requests per second that it answered. */
  readonly requests: number;
}

interface Read {
  readonly atNs: number;
  readonly workNs: number;
  readonly answered: number;
}

/**
 * Reads what pods have done between two looks at them, as the metrics server and an adapter of request
 * metrics would tell. The application's own CPU alone: what its sidecar uses is not simulated.
 */
export class PodUsage {
  #before = new Map<PodRuntime, Read>();

  /** Pods that were not there at the last look have nothing to tell yet. */
  read(pods: readonly PodRuntime[], nowNs: number): readonly Usage[] {
    const after = new Map<PodRuntime, Read>();
    const usages: Usage[] = [];
    for (const pod of pods) {
      const read = readOf(pod, nowNs);
      after.set(pod, read);
      const before = this.#before.get(pod) ?? firstRead(pod);
      if (before !== undefined && nowNs > before.atNs) usages.push(usageOf(pod, before, read));
    }
    this.#before = after;
    return usages;
  }
}

/** Pods of the start have worked since then. */
function firstRead({ instance }: PodRuntime): Read | undefined {
  return instance.startedNs < 0 ? { atNs: 0, workNs: 0, answered: 0 } : undefined;
}

function readOf({ instance }: PodRuntime, nowNs: number): Read {
  const { servedCount, overloadCount } = instance.stats;
  return { atNs: nowNs, workNs: instance.workNs, answered: servedCount + overloadCount };
}

function usageOf(pod: PodRuntime, before: Read, after: Read): Usage {
  const ns = after.atNs - before.atNs;
  const cpuCores = (after.workNs - before.workNs) / ns;
  const requested = requestedCores(pod);
  return {
    cpuCores,
    cpuShare: requested === undefined ? undefined : cpuCores / requested,
    requests: ((after.answered - before.answered) * 1e9) / ns,
  };
}

/** Of its containers but the sidecar. */
function requestedCores({ facts }: PodRuntime): number | undefined {
  const requests = facts.resource.spec.containers
    .filter(({ name }) => name !== 'istio-proxy')
    .map(({ resources }) => quantityOf(resources?.requests.get('cpu')));
  const known = requests.filter((cores) => cores !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, cores) => sum + cores, 0);
}
