import { cancel, run } from './engine.ts';
import { page } from './page-state.ts';
import { deselectLast } from './selecting.ts';
import { changeSpeed, moveCursor, step, togglePlay } from './time.ts';

/** The keyboard, wherever nothing else takes the key. */
export function listenToKeys(): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (page.state.dialog !== undefined || isTyping(event.target)) return;
    const action = ACTIONS.get(event.key);
    if (action === undefined || (event.key === ' ' && isButton(event.target))) return;
    action(event);
    event.preventDefault();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

const ACTIONS: ReadonlyMap<string, (event: KeyboardEvent) => void> = new Map([
  [
    ' ',
    () =>
      page.state.status === 'running'
        ? cancel()
        : page.state.view === undefined
          ? run()
          : togglePlay(),
  ],
  ['.', () => step(1)],
  [',', () => step(-1)],
  ['[', () => changeSpeed(-1)],
  [']', () => changeSpeed(1)],
  [
    'ArrowLeft',
    ({ shiftKey }: KeyboardEvent) => moveCursor(page.state.cursorNs - (shiftKey ? 10e9 : 1e9)),
  ],
  [
    'ArrowRight',
    ({ shiftKey }: KeyboardEvent) => moveCursor(page.state.cursorNs + (shiftKey ? 10e9 : 1e9)),
  ],
  ['/', () => focusOn('#p-graph input[type=search]')],
  ['g', () => focusPanel('graph', '#p-graph [role=button]')],
  ['c', () => focusPanel('charts', '#p-charts .ruler')],
  ['r', () => focusPanel('requests', '#p-req .tbl')],
  ['e', () => focusPanel('editor', '#p-editor .cm-content')],
  [
    'b',
    () => page.set({ isComparing: !page.state.isComparing && page.state.former !== undefined }),
  ],
  ['m', () => page.set({ maximised: page.state.maximised === '' ? panelInFocus() : '' })],
  ['?', () => page.set({ dialog: 'keys' })],
  ['Escape', () => void deselectLast()],
]);

function focusPanel(tab: typeof page.state.phoneTab, selector: string): void {
  page.set({ phoneTab: tab, isEditorOpen: tab === 'editor' });
  requestAnimationFrame(() => focusOn(selector));
}

function focusOn(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

function panelInFocus(): 'graph' | 'requests' {
  return document.activeElement?.closest('#p-req') ? 'requests' : 'graph';
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type=range]),select,textarea,.cm-editor') !== null
  );
}

function isButton(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button,[role=button],a,summary') !== null;
}
