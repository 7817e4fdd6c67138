import { type Counts, increment } from './counts.ts';
import type { Row } from './measured-row.ts';

interface SeriesBucket {
  readonly from_s: number;
  n: number;
  readonly endpoint: Counts;
  readonly groups: Counts;
  readonly status_flags: Counts;
}

/** Outcomes in buckets of time. */
export function seriesOf(rows: readonly Row[], widthSeconds: number): readonly SeriesBucket[] {
  const buckets: SeriesBucket[] = [];
  for (const row of rows) {
    const index = Math.floor(row.request.sentMs / 1000 / widthSeconds);
    while (buckets.length <= index) buckets.push(emptyBucket(buckets.length * widthSeconds));
    const bucket = buckets[index];
    if (bucket === undefined) continue;
    bucket.n++;
    increment(bucket.endpoint, row.endpoint);
    increment(bucket.groups, groupOf(row.endpoint));
    increment(bucket.status_flags, row.statusFlags);
  }
  return buckets;
}

function emptyBucket(fromSeconds: number): SeriesBucket {
  const from_s = Math.round(fromSeconds * 1000) / 1000;
  return { from_s, n: 0, endpoint: {}, groups: {}, status_flags: {} };
}

/** Endpoints `x-1`, `x-2`… together are the group `x`. */
function groupOf(endpoint: string): string {
  return endpoint.replace(/-\d+$/, '');
}

/** Counts of endpoints as counts of their groups. */
export function groupCounts(counts: Counts): Counts {
  const groups: Counts = {};
  for (const [endpoint, count] of Object.entries(counts))
    increment(groups, groupOf(endpoint), count);
  return groups;
}
