import type { LoggedStream } from '#mesh/stream-log.ts';

/** A stream of a proxy in the tree of its request. */
export interface StreamSpan {
  readonly stream: LoggedStream;
  /** Its place in the list; −1 for a root. */
  readonly parent: number;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

/**
 * Streams as spans: those of one root request are one trace, and each is a child of the shortest that
 * lies around it in time. By trace, then start; a parent comes before its children.
 */
export function streamSpans(streams: readonly LoggedStream[]): readonly StreamSpan[] {
  const sorted = streams.toSorted(
    (a, b) =>
      order(a.streamHash >>> 0, b.streamHash >>> 0) ||
      order(a.rootNumber, b.rootNumber) ||
      order(a.startNs, b.startNs) ||
      order(b.endNs, a.endNs),
  );
  const spans: StreamSpan[] = [];
  let open: number[] = [];
  sorted.forEach((stream, index) => {
    const before = sorted[index - 1];
    if (before?.streamHash !== stream.streamHash || before.rootNumber !== stream.rootNumber)
      open = [];
    // What ended before this one's end does not lie around it; the last that does is the shortest.
    const parent = open.findLast((at) => sorted[at]!.endNs >= stream.endNs) ?? -1;
    spans.push({
      stream,
      parent,
      traceId: hex(stream.streamHash) + hex(0) + wideHex(stream.rootNumber),
      spanId: hex(stream.streamHash ^ stream.callPathHash) + hex(index + 1),
    });
    open = [...open.filter((at) => sorted[at]!.endNs >= stream.startNs), index];
  });
  return spans;
}

function order(a: number, b: number): number {
  return a - b;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

function wideHex(number: number): string {
  return number.toString(16).padStart(16, '0');
}
