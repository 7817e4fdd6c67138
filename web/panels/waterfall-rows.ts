import type { ViewReason, ViewRequest, ViewSpan } from '#report/run-view.ts';
import { clusterText } from '../state/formats.ts';

/** One line of a waterfall: a stream, one of its attempts, or a wait between them. */
export interface WaterfallRow {
  readonly depth: number;
  readonly kind: 'client' | 'stream' | 'attempt' | 'backoff' | 'fault-delay';
  readonly name: string;
  /** The endpoint, without its port. */
  readonly note: string;
  readonly startNs: number;
  readonly endNs: number;
  /** How it ended: `503 UF`; '' for a wait. */
  readonly outcome: string;
  readonly isBad: boolean;
  /** What it was busy with, by start. */
  readonly segments: readonly WaterfallSegment[];
  readonly reasons: readonly ViewReason[];
}

export interface WaterfallSegment {
  readonly kind: 'pending' | 'connect' | 'network' | 'queue' | 'service';
  readonly startNs: number;
  readonly endNs: number;
  readonly detail: string;
}

interface Node {
  readonly span: ViewSpan;
  readonly children: readonly Node[];
}

/** The lines of a request: its client's, then what happened on its way, calls below their callers. */
export function waterfallRows(
  request: ViewRequest,
  spans: readonly ViewSpan[],
): readonly WaterfallRow[] {
  const roots = treeOf(spans);
  const [client] = roots;
  const whole: WaterfallRow = {
    depth: 0,
    kind: 'client',
    name: request.client,
    note: '',
    startNs: request.intendedNs,
    endNs: request.endNs,
    outcome: '',
    isBad: false,
    segments: client === undefined ? [] : clientSegments(client),
    reasons: [],
  };
  if (client === undefined) return [whole];
  return [whole, ...below(client, 1)];
}

/** Until its first byte goes out a client waits for a connection of its own. */
function clientSegments({ span, children }: Node): readonly WaterfallSegment[] {
  const own = leaves(children);
  const firstNs = Math.min(...own.map(({ startNs }) => startNs));
  if (!(firstNs > span.startNs) || !Number.isFinite(firstNs)) return own;
  const waited = { kind: 'connect' as const, startNs: span.startNs, endNs: firstNs, detail: '' };
  return [waited, ...own];
}

function treeOf(spans: readonly ViewSpan[]): readonly Node[] {
  const nodes = spans.map((span) => ({ span, children: [] as Node[] }));
  return nodes.filter((node) => {
    const parent = nodes[node.span.parent];
    parent?.children.push(node);
    return parent === undefined;
  });
}

/** The streams that a client or a service starts. */
function below({ children }: Node, depth: number): readonly WaterfallRow[] {
  return children.flatMap((child) => {
    if (child.span.kind === 'proxy') return streamRows(child, depth);
    return child.span.kind === 'service' ? below(child, depth) : [];
  });
}

function streamRows({ span, children }: Node, depth: number): readonly WaterfallRow[] {
  const attempts = children.filter((child) => child.span.kind === 'attempt');
  const waits = children.filter(
    ({ span: { kind } }) => kind === 'backoff' || kind === 'fault-delay',
  );
  const stream = rowOf(span, 'stream', depth, `${span.at} → ${targetOf(span)}`);
  const [only] = attempts;
  if (attempts.length === 1 && waits.length === 0 && only !== undefined) {
    const merged = {
      ...stream,
      note: addressOf(span.host),
      segments: attemptSegments(only),
      reasons: [...span.reasons, ...only.span.reasons],
    };
    return [merged, ...callsOf(only, depth + 1)];
  }
  const steps = [...attempts, ...waits].sort((a, b) => a.span.startNs - b.span.startNs);
  return [stream, ...steps.flatMap((step) => stepRows(step, depth + 1))];
}

function stepRows(step: Node, depth: number): readonly WaterfallRow[] {
  const { span } = step;
  if (span.kind === 'backoff') return [rowOf(span, 'backoff', depth, 'back-off')];
  if (span.kind === 'fault-delay') return [rowOf(span, 'fault-delay', depth, 'injected delay')];
  const row = rowOf(span, 'attempt', depth, `attempt ${span.number}`);
  return [
    { ...row, note: addressOf(span.host), segments: attemptSegments(step) },
    ...callsOf(step, depth + 1),
  ];
}

function rowOf(
  span: ViewSpan,
  kind: WaterfallRow['kind'],
  depth: number,
  name: string,
): WaterfallRow {
  const { startNs, endNs, detail, code, flags, reasons } = span;
  const isWait = kind === 'backoff' || kind === 'fault-delay';
  return {
    depth,
    kind,
    name,
    note: '',
    startNs,
    endNs,
    outcome: isWait ? '' : detail,
    isBad: !isWait && (code >= 500 || (code === 0 && (flags !== '-' || detail !== ''))),
    segments: [],
    reasons,
  };
}

/** Everything that an attempt did, at both of its ends, but not what was called from there. */
function attemptSegments({ children }: Node): readonly WaterfallSegment[] {
  const inside = children.flatMap((child) =>
    child.span.kind === 'proxy' && child.span.side === 'inbound' ? inboundLeaves(child) : [],
  );
  return [...leaves(children), ...inside].sort((a, b) => a.startNs - b.startNs);
}

function inboundLeaves({ children }: Node): readonly WaterfallSegment[] {
  return children.flatMap((child) => {
    if (child.span.kind === 'attempt') return [...leaves(child.children)];
    return leaves([child]);
  });
}

function leaves(children: readonly Node[]): readonly WaterfallSegment[] {
  return children.flatMap(({ span: { kind, startNs, endNs, detail } }) =>
    isSegment(kind) && endNs > startNs ? [{ kind, startNs, endNs, detail }] : [],
  );
}

function isSegment(kind: string): kind is WaterfallSegment['kind'] {
  return ['pending', 'connect', 'network', 'queue', 'service'].includes(kind);
}

/** What was called from inside an attempt: by the application at its end, or by a proxy in between. */
function callsOf({ children }: Node, depth: number): readonly WaterfallRow[] {
  return children.flatMap((child) => {
    const { kind, side } = child.span;
    if (kind === 'service') return below(child, depth);
    if (kind === 'attempt' || (kind === 'proxy' && side === 'inbound'))
      return callsOf(child, depth);
    return kind === 'proxy' ? streamRows(child, depth) : [];
  });
}

function targetOf({ cluster, detail }: ViewSpan): string {
  return cluster === '' ? detail : clusterText(cluster);
}

function addressOf(host: string): string {
  return host.replace(/:\d+$/, '');
}

/** What the segments of a row come to, in the order of a request's way. */
export function segmentSums(
  segments: readonly WaterfallSegment[],
): readonly (readonly [kind: WaterfallSegment['kind'], ns: number])[] {
  const kinds = ['pending', 'connect', 'network', 'queue', 'service'] as const;
  return kinds.flatMap((kind) => {
    const ns = segments
      .filter((one) => one.kind === kind)
      .reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);
    return ns === 0 ? [] : [[kind, ns] as const];
  });
}
