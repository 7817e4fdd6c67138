import { claimOf } from '#scenario/sweep/claim.ts';
import { experimentOf, type LibraryScenario, runOf } from './library.ts';

/** An expectation of a scenario, over all seeds. */
export interface SeedRow {
  readonly scenario: string;
  readonly expectation: string;
  readonly is: string;
  readonly failingSeeds: readonly number[];
  readonly mostFailures: number;
}

/** Runs a scenario under the seeds 1…N and counts in which of them each expectation fails. */
export function seedRows(scenario: LibraryScenario, seedCount: number): readonly SeedRow[] {
  const { expectations } = experimentOf(scenario);
  const failing: number[][] = expectations.map(() => []);
  for (let seed = 1; seed <= seedCount; seed++)
    for (const [index, { holds }] of runOf(scenario, seed).expectations.entries())
      if (!holds) failing[index]?.push(seed);
  return expectations.map(({ request }, index) => ({
    scenario: scenario.name,
    expectation: request.name ?? request.that.text,
    is: request.is.text,
    failingSeeds: failing[index] ?? [],
    mostFailures: claimOf(request.is.text, seedCount).mostFailures,
  }));
}

export function isHonest({ failingSeeds, mostFailures }: SeedRow): boolean {
  return failingSeeds.length <= mostFailures;
}

/** One line of the table. */
export function seedRowText(row: SeedRow, seedCount: number): string {
  const { scenario, expectation, is, failingSeeds, mostFailures } = row;
  const mark = isHonest(row) ? 'ok ' : 'BAD';
  const count = `${failingSeeds.length}/${seedCount} (at most ${mostFailures})`;
  const seeds = failingSeeds.length === 0 ? '' : `  seeds ${failingSeeds.slice(0, 12).join(' ')}`;
  return `${mark}  ${scenario.padEnd(34)}  ${count.padEnd(20)}  ${expectation}  ${is}${seeds}`;
}
