import { msText, percentText, shortNumber } from '../state/formats.ts';
import type { EdgeLabel } from '../state/page-state.ts';
import type { EdgeText, Segment } from './edge.tsx';
import type { EdgeTraffic } from './health.ts';

const LETTER = 6.2;

/** What an edge says, as Kiali writes it: in one line where the line is long enough. */
export function edgeText(
  traffic: EdgeTraffic,
  labels: readonly EdgeLabel[],
  segment: Segment,
  facts: { readonly isTcp: boolean; readonly isMirror: boolean; readonly share: number },
): EdgeText {
  if (labels.length === 0) return { lines: [], error: errorText(traffic) };
  if (traffic.count === 0) return { lines: ['idle'], error: '' };
  const texts = labels.flatMap((label) => partOf(label, traffic, facts));
  const length = Math.hypot(segment.x2 - segment.x1, segment.y2 - segment.y1);
  const joined = texts.join(BETWEEN);
  const isRoomy = joined.length * LETTER + 16 < length;
  const lines = isRoomy ? [joined] : length > 70 ? texts : texts.slice(0, 1);
  return { lines: facts.isMirror ? ['mirrored', ...lines] : lines, error: errorText(traffic) };
}

const BETWEEN = ' | ';

/** The first that an edge says, and what fails of it. */
export function briefly(text: EdgeText): EdgeText {
  const [first = '', ...others] = text.lines;
  const [part = ''] = first.split(BETWEEN);
  return others.length === 0 && part === first ? text : { ...text, lines: [part] };
}

function errorText({ errorShare }: EdgeTraffic): string {
  return errorShare > 0 ? `${percentText(errorShare)}err` : '';
}

function partOf(
  label: EdgeLabel,
  traffic: EdgeTraffic,
  { isTcp, share }: { readonly isTcp: boolean; readonly share: number },
): readonly string[] {
  if (label === 'rate') return [`${shortNumber(traffic.rate)}${isTcp ? ' conn/s' : 'rps'}`];
  if (label === 'share') return share > 0 && share < 1 ? [percentText(share)] : [];
  return Number.isFinite(traffic[label]) ? [`${label} ${msText(traffic[label])}`] : [];
}
