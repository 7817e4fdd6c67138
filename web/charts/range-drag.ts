import { select } from '../state/selecting.ts';
import { moveCursor } from '../state/time.ts';
import { zoomTo } from './chart-state.ts';

/** Fewer pixels are a click. */
const DRAG_PX = 5;

/**
 * A click puts the cursor there. A drag selects a stretch of time and
 * fills the charts with it, or, with `isScrub`, takes the cursor along.
 */
export function rangeDrag(
  event: PointerEvent,
  toNs: (clientX: number) => number,
  { isScrub }: { readonly isScrub: boolean },
): void {
  if (event.button !== 0 || !(event.currentTarget instanceof HTMLElement)) return;
  const target = event.currentTarget;
  const startX = event.clientX;
  target.setPointerCapture(event.pointerId);
  moveCursor(toNs(startX));
  const onMove = (moved: PointerEvent) => {
    const isDrag = Math.abs(moved.clientX - startX) > DRAG_PX;
    if (isScrub && !moved.shiftKey) moveCursor(toNs(moved.clientX));
    else if (isDrag) {
      const ends = [toNs(startX), toNs(moved.clientX)].sort((a, b) => a - b);
      select({ range: [Math.max(0, ends[0]!), ends[1]!] });
    }
  };
  const onUp = (up: PointerEvent) => {
    const ends = [toNs(startX), toNs(up.clientX)].sort((a, b) => a - b);
    const isRange = Math.abs(up.clientX - startX) > DRAG_PX && (!isScrub || up.shiftKey);
    if (isRange && up.type === 'pointerup') zoomTo(ends[0]!, ends[1]!);
    target.removeEventListener('pointermove', onMove);
    target.removeEventListener('pointerup', onUp);
    target.removeEventListener('pointercancel', onUp);
  };
  target.addEventListener('pointermove', onMove);
  target.addEventListener('pointerup', onUp);
  target.addEventListener('pointercancel', onUp);
}
