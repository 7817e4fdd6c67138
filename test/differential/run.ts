import { runTogetherOnRealEnvoy } from '#cli/real-envoy/run-real-envoy.ts';
import { type Difference, differences } from './compare.ts';
import type { Fields } from './draw.ts';
import { tcpSubCase } from './draw-tcp.ts';
import { caseOf, SUB_CASES_PER_RUN, type SubCase, subCase } from './generate.ts';

/** So often in a row must a sub-case differ: a busy machine delays a request now and then. */
const REPEATS = 3;
/** So often one that differs runs again, to see whether the real Envoy agrees with itself. */
const FURTHER_RUNS = 12;

export interface DifferentialRun {
  readonly seed: number;
  /** The sub-cases from this one up to, not including, the other. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'http' | 'tcp';
}

/**
 * Runs sub-cases on the real Envoy and on the engine, in batches of one Envoy process each. Of a sub-case
 * that differs it is told how often the real Envoy did what; one that agrees at times is not shrunk.
 */
export async function runDifferential(
  { seed, from, to, kind }: DifferentialRun,
  report: (text: string) => void,
): Promise<Difference[]> {
  const found: Difference[] = [];
  let varying = 0;
  const drawn = kind === 'tcp' ? tcpSubCase : subCase;
  for (let first = from; first < to; first += SUB_CASES_PER_RUN) {
    const end = Math.min(first + SUB_CASES_PER_RUN, to);
    const batch = Array.from({ length: end - first }, (_, index) => drawn(seed, first + index));
    for (const one of await differencesOf(batch)) {
      const again = await lastingDifference(one.subCase);
      if (again === undefined) continue;
      report(`differs: ${describe(again)}\n`);
      const outcomes = await furtherOutcomes(again);
      for (const [outcome, times] of outcomes) report(`  ${times} × ${outcome}\n`);
      if (outcomes.has(AGREES)) {
        varying++;
        continue;
      }
      const smallest = await shrunk(again);
      found.push(smallest);
      report(`${describe(smallest)}\n`);
    }
    const those = `${found.length} differences, ${varying} now and then`;
    report(`${kind} seed ${seed}: sub-cases ${from} to ${end - 1} of ${to}: ${those}\n`);
  }
  return found;
}

const AGREES = 'agrees';

/** What the real Envoy does in some more runs, and how often. */
async function furtherOutcomes({ subCase }: Difference): Promise<ReadonlyMap<string, number>> {
  const outcomes = new Map<string, number>();
  for (let run = 0; run < FURTHER_RUNS; run++) {
    const [apart] = await differencesOf([subCase]);
    const outcome =
      apart === undefined ? AGREES : `${apart.measure}: ${JSON.stringify(apart.real)}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

async function differencesOf(batch: readonly SubCase[]): Promise<Difference[]> {
  return differences(batch, await runTogetherOnRealEnvoy(batch.map(caseOf)));
}

async function lastingDifference(subCase: SubCase): Promise<Difference | undefined> {
  let last: Difference | undefined;
  for (let run = 0; run < REPEATS; run++) {
    [last] = await differencesOf([subCase]);
    if (last === undefined) return undefined;
  }
  return last;
}

/**
 * The smallest sub-case that still differs: settings are taken away one by one. All that are one step
 * smaller run at once.
 */
async function shrunk(difference: Difference): Promise<Difference> {
  let smallest = difference;
  for (;;) {
    const candidates = smallerThan(smallest.subCase).map((it, index) => ({
      ...renamed(it, `t${index}`),
      slot: index,
    }));
    const smaller = await firstLasting(await differencesOfValid(candidates));
    if (smaller === undefined) return smallest;
    smallest = smaller;
  }
}

/** What is taken away may be what made others valid: then each is asked for itself. */
async function differencesOfValid(candidates: readonly SubCase[]): Promise<readonly Difference[]> {
  try {
    return await differencesOf(candidates);
  } catch {
    const found: Difference[] = [];
    for (const it of candidates) found.push(...(await differencesOf([it]).catch(() => [])));
    return found;
  }
}

async function firstLasting(found: readonly Difference[]): Promise<Difference | undefined> {
  for (const { subCase } of found) {
    const lasting = await lastingDifference(subCase).catch(() => undefined);
    if (lasting !== undefined) return lasting;
  }
  return undefined;
}

/** The name stands in the names of its clusters and hosts, too. */
function renamed(it: SubCase, name: string): SubCase {
  const occurrence = new RegExp(`"${it.name}(b?"|\\.test")`, 'g');
  return JSON.parse(JSON.stringify(it).replace(occurrence, `"${name}$1`)) as SubCase;
}

/** Fields without which a sub-case would be another one. */
const KEPT = [
  'hash_policy',
  'cluster',
  'timeout',
  'weighted_clusters',
  'lb_policy',
  'maglev_lb_config',
  'ring_hash_lb_config',
  'typed_extension_protocol_options',
  'locality_weights',
];

function without(fields: Fields): Fields[] {
  return Object.keys(fields)
    .filter((key) => !KEPT.includes(key))
    .map((key) => Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key)));
}

function smallerThan(it: SubCase): SubCase[] {
  const smaller: SubCase[] = [
    ...without(it.tcp ?? {}).map((tcp) => ({ ...it, tcp })),
    ...without(it.route).map((route) => ({ ...it, route })),
    ...without(it.virtualHost).map((virtualHost) => ({ ...it, virtualHost })),
    ...without(it.manager).map((manager) => ({ ...it, manager })),
    ...without(it.routeConfiguration).map((fields) => ({ ...it, routeConfiguration: fields })),
    ...without(it.action).map((action) => ({ ...it, action })),
    ...without(it.cluster).map((cluster) => ({ ...it, cluster })),
    ...(it.otherHosts.length === 0
      ? []
      : without(it.otherCluster).map((otherCluster) => ({ ...it, otherCluster }))),
  ];
  if (it.earlierRoutes.length > 0) smaller.push({ ...it, earlierRoutes: [] });
  if (it.requests.length > 1) smaller.push({ ...it, requests: it.requests.slice(0, 1) });
  if (it.load.membersLater !== undefined) {
    const { membersLater: _, ...load } = it.load;
    smaller.push({ ...it, load });
  } else if (it.hosts.length > 1) {
    smaller.push(...it.hosts.map((_, index) => ({ ...it, hosts: it.hosts.toSpliced(index, 1) })));
  }
  if (it.load.n > 1) smaller.push({ ...it, load: { ...it.load, n: it.load.n - 1 } });
  return smaller;
}

function describe({ subCase: it, measure: name, real, engine }: Difference): string {
  const { hosts, otherHosts, otherCluster, earlierRoutes, requests, load, ...rest } = it;
  const other = otherHosts.length === 0 ? {} : { otherHosts, otherCluster };
  const { cluster, action, route, virtualHost, manager, routeConfiguration, tcp } = rest;
  return [
    `DIFFERENCE in ${name}`,
    `  real   ${JSON.stringify(real)}`,
    `  engine ${JSON.stringify(engine)}`,
    `  hosts  ${JSON.stringify(hosts)}`,
    `  with   ${JSON.stringify({ ...cluster, ...action, ...route, virtualHost, tcp, load })}`,
    `  also   ${JSON.stringify({ ...other, earlierRoutes, requests, manager, routeConfiguration })}`,
  ].join('\n');
}
