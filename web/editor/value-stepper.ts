import { type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import {
  type EditorView,
  keymap,
  showTooltip,
  type TooltipView,
  EditorView as View,
} from '@codemirror/view';
import { valueAt } from './value-drag.ts';

/**
 * Values are stepped where a drag is not at hand: by Alt+ArrowUp and Alt+ArrowDown with the caret in the
 * value, and by two buttons that a tap on it shows. A second tap sets the caret.
 */

export type StepListener = (
  place: { readonly line: number; readonly column: number },
  direction: 1 | -1,
) => boolean;

const moveStepper = StateEffect.define<number | undefined>();

export function valueStepper(onStep: StepListener): Extension {
  const stepper = StateField.define<number | undefined>({
    create: () => undefined,
    update: (pos, { effects, changes }) => {
      for (const effect of effects) if (effect.is(moveStepper)) return effect.value;
      return pos === undefined ? undefined : changes.mapPos(pos);
    },
    provide: (field) =>
      showTooltip.from(field, (pos) =>
        pos === undefined
          ? null
          : {
              pos,
              above: true,
              create: (view) => buttons(view, () => view.state.field(field), onStep),
            },
      ),
  });
  const stepAtCaret = (view: EditorView, direction: 1 | -1) =>
    onStep(placeOf(view, view.state.selection.main.head), direction);
  return [
    stepper,
    // Elsewhere these keys move lines.
    Prec.high(
      keymap.of([
        { key: 'Alt-ArrowUp', run: (view) => stepAtCaret(view, 1) },
        { key: 'Alt-ArrowDown', run: (view) => stepAtCaret(view, -1) },
      ]),
    ),
    View.domEventHandlers({
      click: (event, view) => {
        const isTap = event instanceof PointerEvent && event.pointerType === 'touch';
        const pos = isTap ? view.posAtCoords({ x: event.clientX, y: event.clientY }) : null;
        if (pos === null || valueAt(view.state, pos) === undefined) return false;
        if (view.state.field(stepper) === undefined) {
          view.dispatch({ effects: moveStepper.of(pos) });
          return true;
        }
        view.dispatch({ selection: { anchor: pos }, effects: moveStepper.of(undefined) });
        view.focus();
        return true;
      },
    }),
  ];
}

function placeOf({ state }: EditorView, pos: number) {
  const line = state.doc.lineAt(pos);
  return { line: line.number, column: pos - line.from + 1 };
}

/** Go when somebody presses elsewhere. */
function buttons(
  view: EditorView,
  pos: () => number | undefined,
  onStep: StepListener,
): TooltipView {
  const dom = document.createElement('div');
  dom.className = 'stepper';
  dom.setAttribute('role', 'group');
  dom.setAttribute('aria-label', nameAt(view, pos()));
  const step = (direction: 1 | -1) => {
    const at = pos();
    if (at !== undefined) onStep(placeOf(view, at), direction);
  };
  dom.append(
    button('−', 'Smaller', () => step(-1)),
    button('+', 'Larger', () => step(1)),
  );
  const onPress = ({ target }: Event) => {
    const isOwn = target instanceof Element && target.closest('.stepper, .cm-value') !== null;
    if (!isOwn) view.dispatch({ effects: moveStepper.of(undefined) });
  };
  return {
    dom,
    mount: () => document.addEventListener('pointerdown', onPress),
    destroy: () => document.removeEventListener('pointerdown', onPress),
  };
}

function nameAt({ state }: EditorView, pos: number | undefined): string {
  return (pos === undefined ? undefined : valueAt(state, pos)?.knob.name) ?? 'Value';
}

function button(text: string, name: string, onClick: () => void): HTMLElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.setAttribute('aria-label', name);
  element.addEventListener('click', onClick);
  return element;
}
