import type { RunView, ViewFlow } from '#report/run-view.ts';
import type { Selection } from './page-state.ts';

/** Sums over the flows of a view: every number on the page is one of these. */

export interface Buckets {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

/** The buckets of a stretch of time, at least one. */
export function bucketsOf(view: RunView, fromNs: number, toNs: number): Buckets {
  const last = view.bucketCount;
  const to = Math.min(last, Math.max(1, Math.ceil(toNs / view.bucketNs - 1e-9)));
  const from = Math.max(0, Math.min(to - 1, Math.floor(fromNs / view.bucketNs + 1e-9)));
  return { from, to };
}

export function wholeOf(view: RunView): Buckets {
  return { from: 0, to: view.bucketCount };
}

export function countIn(flow: ViewFlow, { from, to }: Buckets): number {
  let sum = 0;
  for (let bucket = from; bucket < to; bucket++) sum += flow.counts[bucket]!;
  return sum;
}

export function sumIn(flows: readonly ViewFlow[], buckets: Buckets): number {
  return flows.reduce((sum, flow) => sum + countIn(flow, buckets), 0);
}

/** Bucket by bucket. */
export function sumsOf(view: RunView, flows: readonly ViewFlow[]): Float64Array {
  const sums = new Float64Array(view.bucketCount);
  for (const { counts } of flows)
    for (let bucket = 0; bucket < sums.length; bucket++) sums[bucket]! += counts[bucket]!;
  return sums;
}

/** 5xx, as on Istio's dashboards; a TCP connection by its flags; no answer at all counts, too. */
export function isFailure({ code, flags }: { readonly code: number; readonly flags: string }) {
  return code >= 500 || (code === 0 && flags !== '-');
}

/** What the clients' requests came to. */
export function clientFlows(view: RunView): readonly ViewFlow[] {
  return view.flows.filter(({ client }) => client !== '');
}

/** What proxies sent. */
export function edgeFlows(view: RunView): readonly ViewFlow[] {
  return view.flows.filter(({ client, edge }) => client === '' && edge >= 0);
}

/** Whether a flow belongs to what is selected, time aside. */
export function isSelected(view: RunView, flow: ViewFlow, selection: Selection): boolean {
  const { from, to, version, flags, code, client } = selection;
  if (client !== undefined && flow.client !== client) return false;
  const edge = view.edges[flow.edge];
  if (from !== undefined && edge?.from !== from) return false;
  if (to !== undefined && edge?.to !== to && edge?.service !== to) return false;
  if (version !== undefined && versionOf(flow) !== version) return false;
  if (flags !== undefined && flow.flags !== flags) return false;
  return code === undefined || flow.code === code;
}

/** By what routing chose: the subset; without subsets by the version that answered. */
export function versionOf({ subset, version }: ViewFlow): string {
  return subset !== '' ? subset : version;
}

/** Names of a kind in the order in which they take their colours. */
export function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** The worst stretch of a run: where most requests of clients failed; its end. Undefined if none did. */
export function worstMomentNs(view: RunView, windowNs: number): number | undefined {
  const failures = sumsOf(view, clientFlows(view).filter(isFailure));
  const width = Math.max(1, Math.round(windowNs / view.bucketNs));
  let worst = 0;
  let worstEnd: number | undefined;
  let sum = 0;
  for (let bucket = 0; bucket < failures.length; bucket++) {
    sum += failures[bucket]! - (bucket >= width ? failures[bucket - width]! : 0);
    if (sum > worst) {
      worst = sum;
      worstEnd = bucket + 1;
    }
  }
  return worstEnd === undefined ? undefined : worstEnd * view.bucketNs;
}
