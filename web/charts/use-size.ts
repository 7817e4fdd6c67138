import { useContext, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { areInTurn, drawInTurn, TurnOf } from '../state/turns.tsx';

/**
 * The size of an element, kept up to date: charts are drawn in its pixels. Read at once, so that the first
 * picture is whole; where panels take turns when it has been laid out anyway.
 */
export function useSize<E extends Element>() {
  const ref = useRef<E>(null);
  const turn = useContext(TurnOf);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const take = ({ width, height }: typeof size) =>
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    if (!areInTurn()) take(sizeOf(element));
    const observer = new ResizeObserver(() => {
      const found = sizeOf(element);
      drawInTurn(turn, () => take(found));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [turn]);
  return { ref, ...size };
}

function sizeOf({ clientWidth, clientHeight }: Element) {
  return { width: Math.round(clientWidth), height: Math.round(clientHeight) };
}
