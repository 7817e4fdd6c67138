import { type CallEdge, callCycles } from './call-cycles.ts';
import { type CheckContext, checkHost, namespaceOf } from './check-clients.ts';
import type { LocatedCall } from './file/workload-keys.ts';

interface CallContext extends CheckContext {
  readonly workloadKeys: ReadonlyMap<string, string>;
}

/** Finds hosts of calls that nobody serves, and services that call one another in a circle. */
export function checkCalls(context: CallContext): void {
  const edges = new Map<string, readonly CallEdge[]>();
  for (const [workload, calls] of callsByWorkload(context)) {
    for (const call of calls) checkHost(call.target.host, call.at, namespaceOf(workload), context);
    edges.set(
      workload,
      calls.map((call) => ({ call, to: serving(call, workload, context) })),
    );
  }
  for (const { path, call, isEndless } of callCycles(edges)) {
    const message = `services call one another in a circle: ${path.join(' → ')}`;
    const hint = 'give one of the calls a chance below 100%, or take it out';
    if (isEndless) context.report.error('MS0253', call.at, message, hint);
    else context.report.warning('MS0253', call.at, message);
  }
}

/** The calls of every workload: its own, else those of `*`. */
function callsByWorkload({
  scenario,
  view,
  workloadKeys,
}: CallContext): ReadonlyMap<string, readonly LocatedCall[]> {
  const base = scenario.workloads.get('*')?.value.calls;
  const calls = new Map<string, readonly LocatedCall[]>();
  for (const key of view.workloads.keys()) {
    if (base !== undefined)
      calls.set(
        key,
        base.flatMap((step) => step.calls),
      );
  }
  for (const [name, key] of workloadKeys) {
    const own = scenario.workloads.get(name)?.value.calls;
    if (own !== undefined)
      calls.set(
        key,
        own.flatMap((step) => step.calls),
      );
  }
  return calls;
}

/** The workloads behind the name of a call. */
function serving(call: LocatedCall, workload: string, { dns }: CallContext): readonly string[] {
  const answer = dns.lookUp(call.target.host, namespaceOf(workload));
  if (answer.kind !== 'service') return [];
  return [...new Set(dns.podsOf(answer.service).map((pod) => `${pod.namespace}/${pod.workload}`))];
}
