import { runOnRealEnvoy } from '#cli/real-envoy/run-real-envoy.ts';
import { measure } from '#scenario/envoy-case/measure.ts';
import { type Difference, differences } from './compare.ts';
import { caseOf, SUB_CASES_PER_RUN, type SubCase, subCase } from './generate.ts';

/** So often in a row must a sub-case differ: a busy machine delays a request now and then. */
const REPEATS = 3;

/** Runs sub-cases on the real Envoy and on the engine, in batches of one Envoy process each. */
export async function runDifferential(
  seed: number,
  count: number,
  report: (text: string) => void,
): Promise<Difference[]> {
  const found: Difference[] = [];
  for (let from = 0; from < count; from += SUB_CASES_PER_RUN) {
    const size = Math.min(SUB_CASES_PER_RUN, count - from);
    const batch = Array.from({ length: size }, (_, index) => subCase(seed, from + index));
    for (const one of await differencesOf(batch)) {
      const again = await lastingDifference(one.subCase);
      if (again === undefined) continue;
      const smallest = await shrunk(again);
      found.push(smallest);
      report(`${describe(smallest)}\n`);
    }
    report(`seed ${seed}: ${from + size} of ${count} sub-cases, ${found.length} differences\n`);
  }
  return found;
}

async function differencesOf(batch: readonly SubCase[]): Promise<Difference[]> {
  const kase = caseOf(batch);
  return differences(batch, measure(kase, await runOnRealEnvoy(kase)));
}

async function lastingDifference(subCase: SubCase): Promise<Difference | undefined> {
  let last: Difference | undefined;
  for (let run = 0; run < REPEATS; run++) {
    [last] = await differencesOf([subCase]);
    if (last === undefined) return undefined;
  }
  return last;
}

/** The smallest sub-case that still differs: settings are taken away one by one. */
async function shrunk(difference: Difference): Promise<Difference> {
  let smallest = difference;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smallerThan(smallest.subCase)) {
      const still = await lastingDifference(candidate);
      if (still === undefined) continue;
      smallest = still;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

function smallerThan(it: SubCase): SubCase[] {
  const without = (fields: Readonly<Record<string, unknown>>, kept: readonly string[]) =>
    Object.keys(fields)
      .filter((key) => !kept.includes(key))
      .map((key) => Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key)));
  const smaller: SubCase[] = [
    ...without(it.route, []).map((route) => ({ ...it, route })),
    ...without(it.action, ['hash_policy']).map((action) => ({ ...it, action })),
    ...without(it.cluster, ['lb_policy', 'maglev_lb_config', 'ring_hash_lb_config']).map(
      (cluster) => ({ ...it, cluster }),
    ),
  ];
  if (it.hosts.length > 1) {
    smaller.push(...it.hosts.map((_, index) => ({ ...it, hosts: it.hosts.toSpliced(index, 1) })));
  }
  if (it.load.n > 1) smaller.push({ ...it, load: { ...it.load, n: it.load.n - 1 } });
  return smaller;
}

function describe({ subCase: it, measure: name, real, engine }: Difference): string {
  return [
    `DIFFERENCE in ${name}`,
    `  real   ${JSON.stringify(real)}`,
    `  engine ${JSON.stringify(engine)}`,
    `  hosts  ${JSON.stringify(it.hosts)}`,
    `  with   ${JSON.stringify({ ...it.cluster, ...it.action, ...it.route, load: it.load })}`,
  ].join('\n');
}
