import type { LocatedCall } from './file/workload-keys.ts';

/** A call from one workload to a name that several workloads may serve. */
export interface CallEdge {
  readonly call: LocatedCall;
  /** The workloads behind the name. */
  readonly to: readonly string[];
}

export interface CallCycle {
  /** The workloads round the circle; the first is repeated at the end. */
  readonly path: readonly string[];
  /** The call that closes it. */
  readonly call: LocatedCall;
  /** Every call of it is always made and can lead nowhere else: the run would never end. */
  readonly isEndless: boolean;
}

/** Circles of calls, each once, by the call that closes it. */
export function callCycles(edges: ReadonlyMap<string, readonly CallEdge[]>): readonly CallCycle[] {
  const cycles: CallCycle[] = [];
  const done = new Set<string>();
  const path: { readonly workload: string; readonly isCertain: boolean }[] = [];

  const visit = (workload: string, isCertain: boolean): void => {
    path.push({ workload, isCertain });
    for (const { call, to } of edges.get(workload) ?? []) {
      const isSure = call.chance >= 1 && call.when === undefined && to.length === 1;
      for (const next of to) {
        const start = path.findIndex((step) => step.workload === next);
        if (start >= 0) {
          const round = path.slice(start);
          const isEndless = isSure && round.slice(1).every((step) => step.isCertain);
          cycles.push({ path: [...round.map((step) => step.workload), next], call, isEndless });
        } else if (!done.has(next)) visit(next, isSure);
      }
    }
    path.pop();
    done.add(workload);
  };

  for (const workload of edges.keys()) if (!done.has(workload)) visit(workload, true);
  return cycles;
}
