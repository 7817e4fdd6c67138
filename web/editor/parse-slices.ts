/**
 * CodeMirror reads a text for its colours in slices of a tenth of a second, but stops when the browser says
 * that input is pending. To this page a slice is over sooner, whether or not there is input: charts and
 * graph are drawn meanwhile.
 */

const SLICE_MS = 12;
/** It asks every few microseconds; when it has not asked for so long it has begun anew. */
const PAUSE_MS = 4;

interface Scheduling {
  isInputPending: () => boolean;
}

/** To be called once. Where browsers do not say whether input is pending slices follow their idle time. */
export function parseInSlices(scheduling: Scheduling | undefined, nowMs: () => number): void {
  if (scheduling === undefined) return;
  let startMs = 0;
  let askedMs = Number.NEGATIVE_INFINITY;
  scheduling.isInputPending = () => {
    const now = nowMs();
    if (now - askedMs > PAUSE_MS) startMs = now;
    askedMs = now;
    return now - startMs >= SLICE_MS;
  };
}
