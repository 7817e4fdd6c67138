import { isLaterAttempt } from '#envoy/attempt-key.ts';
import type { Span } from '#telemetry/recorder.ts';
import { pathOfCall } from '#world/call-run.ts';

/** A piece of a request's waterfall in its place. */
export interface TreeSpan {
  readonly span: Span;
  /** Index of the piece around it; −1 for the client's own. */
  readonly parent: number;
}

/** So many calls of one service, and repetitions of a call, are looked for by their path. */
const MOST_CALLS = 24;
const MOST_REPETITIONS = 8;

/**
 * The pieces of one root request as a tree, by their start: client, proxy, attempt, the proxy that
 * received it, what the application did, its own calls. A piece may outlast the one around it: work
 * that nobody waits for any more.
 */
export function spanTree(spans: readonly Span[]): readonly TreeSpan[] {
  const sorted = spans.toSorted(
    (a, b) => a.startNs - b.startNs || rankOf(a) - rankOf(b) || b.endNs - a.endNs,
  );
  const callsOf = sorted.map((span) =>
    span.kind === 'service' ? callPathsOf(span) : new Set<number>(),
  );
  return sorted.map((span, index) => ({ span, parent: parentOf(index, sorted, callsOf) }));
}

/** The last that had begun, is still open, and may have this one inside. */
function parentOf(
  index: number,
  sorted: readonly Span[],
  callsOf: readonly ReadonlySet<number>[],
): number {
  const span = sorted[index]!;
  for (let at = index - 1; at >= 0; at--) {
    const around = sorted[at]!;
    if (around.endNs < span.startNs || (around.endNs === span.startNs && isEmpty(around, span)))
      continue;
    if (holds(around, span, callsOf[at]!)) return at;
  }
  return -1;
}

/** What starts at the very end of another is behind it, unless that one takes no time at all. */
function isEmpty(around: Span, span: Span): boolean {
  return around.startNs < around.endNs || rankOf(around) >= rankOf(span);
}

function holds(around: Span, span: Span, calls: ReadonlySet<number>): boolean {
  if (around.kind === 'service') return calls.has(span.callPathHash);
  if (around.callPathHash !== span.callPathHash) return false;
  switch (around.kind) {
    case 'client':
      return true;
    case 'proxy':
      return (
        around.attempt === span.attempt ||
        (span.kind === 'attempt' && isLaterAttempt(around.attempt, span.attempt))
      );
    case 'attempt':
      return span.kind !== 'attempt' && around.attempt === span.attempt && isAhead(around, span);
    default:
      return false;
  }
}

/** A proxy's back-off is beside its attempts, not inside the one that it follows. */
function isAhead(around: Span, span: Span): boolean {
  return span.kind !== 'backoff' || around.at !== span.at;
}

/** The paths of the calls that a service makes while it answers. */
function callPathsOf(span: Span): ReadonlySet<number> {
  const paths = new Set<number>();
  for (let call = 0; call < MOST_CALLS; call++)
    for (let repetition = 0; repetition < MOST_REPETITIONS; repetition++)
      paths.add(pathOfCall(span, call, repetition));
  return paths;
}

/** Of pieces that start together: what is around the other comes first. */
function rankOf({ kind, upstream }: Span): number {
  if (kind === 'client') return 0;
  if (kind === 'proxy') return upstream?.side === 'inbound' ? 3 : 1;
  if (kind === 'attempt') return upstream?.side === 'inbound' ? 4 : 2;
  return 5;
}
