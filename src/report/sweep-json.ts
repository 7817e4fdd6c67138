import { type PointResult, pointResults, type SweepResult } from '#scenario/sweep/sweep-result.ts';
import type { SweepPoint } from '#scenario/sweep/vary.ts';
import type { Dimension } from '#telemetry/query/reading.ts';
import type { Json } from './summary-json.ts';
import { UNIT_SUFFIX } from './sweep-units.ts';

/**
 * A sweep as `meshsim/sweep/v1`: the plan, every run, then the points over their seeds. A shard has its
 * runs alone: the points are known when all are merged (`sweep-document.ts` reads it back).
 */
export function sweepJson(result: SweepResult, version: string): Json {
  const { plan, shard, runs } = result;
  const { scenario, title, identity, varied, firstSeed, seedCount, measures } = plan;
  const dimensions = measures.map(({ dimension }) => dimension);
  return {
    schema: 'meshsim/sweep/v1',
    meshsim: version,
    scenario,
    title,
    identity,
    varied: varied.map(({ key, values }) => ({ key, values })),
    firstSeed,
    seedCount,
    measures: measures.map((measure) => ({
      kind: measure.kind,
      name: measure.name,
      dimension: measure.dimension,
      ...(measure.kind === 'query' ? { that: measure.that } : {}),
      ...(measure.kind === 'client' ? { client: measure.client, what: measure.what } : {}),
      ...(measure.kind === 'client' || measure.is === undefined ? {} : { is: measure.is }),
    })),
    shard: shard === undefined ? null : { index: shard.index, count: shard.count },
    runs: runs.map(({ index, point, seed, digest, measured }) => ({
      index,
      point: pointJson(point),
      seed,
      digest,
      measured: measured.map(({ value, holds }, place) => ({
        [keyOf('value', dimensions[place]!)]: value,
        ...(holds === null ? {} : { holds }),
      })),
    })),
    points:
      shard === undefined ? pointResults(result).map((it) => spreadsJson(it, dimensions)) : null,
  };
}

function spreadsJson({ point, spreads }: PointResult, dimensions: readonly Dimension[]): Json {
  return {
    point: pointJson(point),
    measured: spreads.map((spread, place) => {
      const number = (name: string, value: number | undefined) => ({
        [keyOf(name, dimensions[place]!)]:
          value === undefined || Number.isNaN(value) ? null : value,
      });
      return {
        runCount: spread.runCount,
        seenCount: spread.seenCount,
        ...number('median', spread.median),
        ...number('low', spread.interval?.low),
        ...number('high', spread.interval?.high),
        ...number('min', spread.min),
        ...number('max', spread.max),
        ...(spread.heldCount === undefined ? {} : { heldCount: spread.heldCount }),
      };
    }),
  };
}

/** `valueMs`: the unit is in the key, as in a summary. */
export function keyOf(name: string, dimension: Dimension): string {
  return `${name}${UNIT_SUFFIX[dimension]}`;
}

function pointJson(point: SweepPoint): Json {
  return point.map(([key, value]) => ({ key, value }));
}
