import type { Segment } from './edge.tsx';
import type { Point, Rect } from './layout.ts';

/** A label that wants a place beside its line. Sizes in pixels. */
export interface WantedLabel extends Size {
  readonly id: string;
  readonly segment: Segment;
  /** Of the same label when it says less. */
  readonly brief?: Size | undefined;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The middle of a label; on its own line it needs a ground. */
export interface LabelPlace extends Point {
  readonly isOnLine: boolean;
  /** It has no room for all that it would say. */
  readonly isBrief: boolean;
}

/** Along the line, the middle first. */
const ALONG = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74];
const GAP = 5;
/** What it costs, per square pixel or once, to stand where a label had better not. */
const ON_NODE = 6;
const ON_LABEL = 8;
const ON_LINE = 0.9;
const ON_OWN_LINE = 260;
const OFF_MIDDLE = 300;
const OUTSIDE = 60;
/** Half a line of text on another line of the graph, or as much: such a label says less if that helps. */
const TOO_MUCH = 400;

/**
 * Where labels stand: beside their lines, off nodes, other labels and other lines as far as there is
 * room; on their own line where there is none beside it; briefer where that does not help either. In the
 * order given; the same input, the same places.
 */
export function labelPlaces(
  labels: readonly WantedLabel[],
  taken: readonly Rect[],
  room: Size,
): ReadonlyMap<string, LabelPlace> {
  const places = new Map<string, LabelPlace>();
  const placed: Rect[] = [];
  for (const label of labels) {
    const others = { labels, taken, placed, room };
    const full = bestPlace(label, others);
    const brief = label.brief === undefined || full.trouble < TOO_MUCH ? undefined : label.brief;
    const less = brief && bestPlace({ ...label, ...brief }, others);
    const isBrief = less !== undefined && less.trouble < full.trouble / 2;
    const { at } = isBrief ? less : full;
    places.set(label.id, { ...at, isBrief });
    placed.push(rectAt(at, isBrief ? { ...label, ...brief } : label));
  }
  return places;
}

interface Others {
  readonly labels: readonly WantedLabel[];
  readonly taken: readonly Rect[];
  readonly placed: readonly Rect[];
  readonly room: Size;
}

/** The place that costs least, and how much of that is for what is in its way. */
function bestPlace(label: WantedLabel, { labels, taken, placed, room }: Others) {
  const candidates = candidatesOf(label);
  let best = { at: candidates[0]!.at, trouble: Number.POSITIVE_INFINITY };
  let least = Number.POSITIVE_INFINITY;
  for (const { at, cost } of candidates) {
    if (cost >= least) continue;
    const rect = rectAt(at, label);
    const trouble =
      OUTSIDE * beyond(rect, room) +
      ON_NODE * overlapWith(rect, taken) +
      ON_LABEL * overlapWith(rect, placed) +
      ON_LINE * linesThrough(rect, label, labels);
    if (cost + trouble >= least) continue;
    least = cost + trouble;
    best = { at, trouble };
  }
  return best;
}

function candidatesOf({ segment, width, height }: WantedLabel) {
  const { x1, y1, x2, y2 } = segment;
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const nx = (y2 - y1) / length;
  const ny = -(x2 - x1) / length;
  const away = (Math.abs(nx) * width) / 2 + (Math.abs(ny) * height) / 2 + GAP;
  // Above a line that lies, right of one that stands.
  const first = ny < -0.1 || (Math.abs(ny) <= 0.1 && nx > 0) ? 1 : -1;
  return ALONG.flatMap((share) => {
    const x = x1 + (x2 - x1) * share;
    const y = y1 + (y2 - y1) * share;
    const cost = Math.abs(share - 0.5) * OFF_MIDDLE;
    return [
      { at: { x: x + nx * away * first, y: y + ny * away * first, isOnLine: false }, cost },
      {
        at: { x: x - nx * away * first, y: y - ny * away * first, isOnLine: false },
        cost: cost + 12,
      },
      { at: { x, y, isOnLine: true }, cost: cost + ON_OWN_LINE },
    ];
  });
}

function rectAt({ x, y }: Point, { width, height }: Size): Rect {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** How far it is out of the room, in pixels. */
function beyond(rect: Rect, room: Size): number {
  const out = (pixels: number) => Math.max(0, pixels);
  return (
    out(-rect.x) +
    out(rect.x + rect.width - room.width) +
    out(-rect.y) +
    out(rect.y + rect.height - room.height)
  );
}

function overlapWith(rect: Rect, others: readonly Rect[]): number {
  let sum = 0;
  for (const other of others) {
    const across = Math.min(rect.x + rect.width, other.x + other.width) - Math.max(rect.x, other.x);
    const down = Math.min(rect.y + rect.height, other.y + other.height) - Math.max(rect.y, other.y);
    if (across > 0 && down > 0) sum += across * down;
  }
  return sum;
}

/** How long other lines run below it, times its height. */
function linesThrough(rect: Rect, own: WantedLabel, labels: readonly WantedLabel[]): number {
  let sum = 0;
  for (const { segment, id } of labels)
    if (id !== own.id) sum += lengthInside(rect, segment) * rect.height;
  return sum;
}

/** Liang and Barsky: how much of a line is inside a rectangle. */
export function lengthInside(rect: Rect, { x1, y1, x2, y2 }: Segment): number {
  const dx = x2 - x1;
  const dy = y2 - y1;
  let from = 0;
  let to = 1;
  const sides = [
    [-dx, x1 - rect.x],
    [dx, rect.x + rect.width - x1],
    [-dy, y1 - rect.y],
    [dy, rect.y + rect.height - y1],
  ] as const;
  for (const [p, q] of sides) {
    if (p === 0) {
      if (q < 0) return 0;
      continue;
    }
    if (p < 0) from = Math.max(from, q / p);
    else to = Math.min(to, q / p);
  }
  return from < to ? (to - from) * Math.hypot(dx, dy) : 0;
}
