import type { SearchResult, SearchTrial } from '#scenario/sweep/search-result.ts';
import type { Dimension } from '#telemetry/query/reading.ts';
import type { Json } from './summary-json.ts';
import { keyOf } from './sweep-json.ts';

/** A search for a breaking point as `meshsim/search/v1`: what was tried, and between which values it lies. */
export function searchJson(result: SearchResult, version: string): Json {
  const { scenario, title, key, until, firstSeed, seedCount, trials, breakingPoint } = result;
  return {
    schema: 'meshsim/search/v1',
    meshsim: version,
    scenario,
    title,
    key,
    until: until ?? null,
    firstSeed,
    seedCount,
    trials: trials.map((trial) => trialJson(trial, result.dimension)),
    result:
      breakingPoint.kind === 'found'
        ? { found: true, fine: breakingPoint.fine, broken: breakingPoint.broken }
        : {
            found: false,
            all: breakingPoint.all,
            low: breakingPoint.low,
            high: breakingPoint.high,
          },
  };
}

function trialJson(
  { value, outcome, brokenCount, spread }: SearchTrial,
  dimension: Dimension | undefined,
): Json {
  const median =
    spread === undefined || dimension === undefined
      ? {}
      : { [keyOf('median', dimension)]: Number.isNaN(spread.median) ? null : spread.median };
  return { value, outcome, brokenCount, ...median };
}
