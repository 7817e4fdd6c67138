import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Choices behind a button; Escape closes it, and a press elsewhere. */
export function Menu({
  summary,
  children,
}: {
  readonly summary: JSX.Element;
  readonly children: ComponentChildren;
}) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onPress = ({ target }: PointerEvent) => {
      const { current } = details;
      if (current?.open === true && target instanceof Node && !current.contains(target))
        current.open = false;
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, []);
  return (
    <details
      class="menu"
      ref={details}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !event.currentTarget.open) return;
        event.currentTarget.open = false;
        event.currentTarget.querySelector('summary')?.focus();
        event.stopPropagation();
      }}
    >
      {summary}
      <div class="menubody">{children}</div>
    </details>
  );
}

/** One thing of a menu that is on or off. */
export function Choice({
  isOn,
  says,
  onToggle,
}: {
  readonly isOn: boolean;
  readonly says: string;
  readonly onToggle: () => void;
}) {
  return (
    <label>
      <input type="checkbox" checked={isOn} onChange={onToggle} /> {says}
    </label>
  );
}

/** A number of a menu from which on something counts. */
export function Limit({
  says,
  value,
  most,
  placeholder,
  onNumber,
}: {
  readonly says: string;
  /** Undefined = the field is empty, and shows `placeholder`. */
  readonly value: number | undefined;
  readonly most?: number;
  readonly placeholder?: string;
  /** NaN = the field was emptied. */
  readonly onNumber: (value: number) => void;
}) {
  return (
    <label class="limit">
      {says}
      <input
        type="number"
        min="0"
        max={most}
        step="any"
        placeholder={placeholder}
        value={value ?? ''}
        onChange={(event) => onNumber(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}
