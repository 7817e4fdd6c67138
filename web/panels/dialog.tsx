import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { page } from '../state/page-state.ts';
import { Icon } from './icon.tsx';

export function closeDialog(): void {
  page.set({ dialog: undefined });
}

/** A dialog over the page: the browser keeps the focus inside and gives it back. */
export function Dialog({
  title,
  style,
  head,
  children,
}: {
  readonly title: string;
  readonly style?: string;
  readonly head?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (ref.current?.open === false) ref.current.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it, too.
    <dialog
      ref={ref}
      class={`dlg ${style ?? ''}`}
      aria-label={title}
      onClose={closeDialog}
      onClick={(event) => {
        if (event.target === ref.current) closeDialog();
      }}
    >
      <header>
        <h2>{title}</h2>
        {head}
        <button type="button" class="btn icon" aria-label="Close" onClick={closeDialog}>
          <Icon name="x" />
        </button>
      </header>
      <div class="body" tabIndex={0} role="group" aria-label={title}>
        {children}
      </div>
    </dialog>
  );
}
