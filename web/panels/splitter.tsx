import { useLayoutEffect } from 'preact/hooks';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';

const STEP = 16;
const LEAST = 240;
const MOST = 760;

/** A hairline between two columns that can be taken; arrow keys move it, a double click resets it. */
export function Splitter({
  property,
  side,
  name,
}: {
  readonly property: string;
  readonly side: 'left' | 'right';
  readonly name: string;
}) {
  const width = useStore(page, (state) => state.panelSizes[property]);
  useLayoutEffect(() => {
    const { style } = document.documentElement;
    if (width === undefined) style.removeProperty(property);
    else style.setProperty(property, `${width}px`);
  }, [property, width]);
  const set = (wanted: number | undefined) => {
    const { [property]: _, ...others } = page.state.panelSizes;
    const kept = wanted === undefined ? undefined : Math.max(LEAST, Math.min(MOST, wanted));
    page.set({ panelSizes: kept === undefined ? others : { ...others, [property]: kept } });
  };
  const current = () => {
    const panel = document.querySelector(side === 'left' ? '#p-editor' : '#p-charts');
    return panel?.getBoundingClientRect().width ?? LEAST;
  };
  const onPointerDown = (event: PointerEvent) => {
    if (!(event.currentTarget instanceof HTMLElement)) return;
    const target = event.currentTarget;
    const startX = event.clientX;
    const start = current();
    target.setPointerCapture(event.pointerId);
    const onMove = (moved: PointerEvent) =>
      set(start + (moved.clientX - startX) * (side === 'left' ? 1 : -1));
    const onUp = () => target.removeEventListener('pointermove', onMove);
    target.addEventListener('pointermove', onMove);
    target.addEventListener('pointerup', onUp, { once: true });
  };
  return (
    <div
      class="splitter"
      role="separator"
      tabIndex={0}
      aria-label={name}
      aria-orientation="vertical"
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      aria-valuenow={Math.round(width ?? (side === 'left' ? 352 : 480))}
      onPointerDown={onPointerDown}
      onDblClick={() => set(undefined)}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowLeft' ? -STEP : event.key === 'ArrowRight' ? STEP : 0;
        if (by === 0) return;
        set(current() + (side === 'left' ? by : -by));
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
