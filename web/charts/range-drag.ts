import { deselect, select } from '../state/selecting.ts';
import { moveCursor } from '../state/time.ts';

/** Fewer pixels are a click. */
const DRAG_PX = 5;

/**
 * A click puts the cursor there, a double click selects all time. A drag selects a stretch of time, or,
 * with `isScrub`, takes the cursor along.
 */
export function rangeDrag(
  event: PointerEvent,
  toNs: (clientX: number) => number,
  { isScrub }: { readonly isScrub: boolean },
): void {
  if (event.button !== 0 || !(event.currentTarget instanceof HTMLElement)) return;
  const target = event.currentTarget;
  const startX = event.clientX;
  if (event.detail === 2) {
    deselect(['range']);
    return;
  }
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
  const onUp = () => {
    target.removeEventListener('pointermove', onMove);
    target.removeEventListener('pointerup', onUp);
    target.removeEventListener('pointercancel', onUp);
  };
  target.addEventListener('pointermove', onMove);
  target.addEventListener('pointerup', onUp);
  target.addEventListener('pointercancel', onUp);
}
