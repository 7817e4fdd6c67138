import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import type { RunValue } from '../engine/run-values.ts';
import { type Knobs, stepped } from './knobs.ts';

/** A value with all the others that were found with it: places and sums are those of that moment. */
export interface DraggableValue {
  readonly knob: RunValue;
  readonly knobs: Knobs;
}

/**
 * Values that a run depends on are underlined, and can be dragged sideways where they stand. A press that
 * does not move sets the caret, as anywhere else.
 */

const PIXELS_PER_STEP = 4;
const LEAST_MOVE = 4;

const changeValues = StateEffect.define<readonly DraggableValue[]>();

const draggable = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (values, { effects, state, changes }) => {
    for (const effect of effects) if (effect.is(changeValues)) return marksOf(state, effect.value);
    return values.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** What stands at these places of the text is what was found there. */
export function showValues(view: EditorView, knobs: Knobs, file: string): void {
  const own = knobs.values.filter(({ at }) => at.file === file);
  view.dispatch({ effects: changeValues.of(own.map((knob) => ({ knob, knobs }))) });
}

function marksOf({ doc }: EditorState, values: readonly DraggableValue[]): DecorationSet {
  const marks = values.flatMap((value) => {
    const { knob } = value;
    if (knob.at.line > doc.lines) return [];
    const line = doc.line(knob.at.line);
    const from = line.from + knob.at.column - 1;
    const to = from + knob.at.length;
    if (to > line.to || knob.at.length === 0) return [];
    const attributes = { title: `${knob.name}: drag to change` };
    return [Decoration.mark({ class: 'cm-value', attributes, value }).range(from, to)];
  });
  return Decoration.set(marks, true);
}

export type DragListener = (knob: RunValue, value: number, knobs: Knobs) => void;

export function valueDrag(onDrag: DragListener): Extension {
  return [
    draggable,
    EditorView.domEventHandlers({
      pointerdown: (event, view) => startsDrag(event, view, onDrag),
      // The caret is set when the pointer is let go: a drag selects nothing.
      mousedown: (event) => isOnValue(event),
    }),
  ];
}

function isOnValue({ target, button }: MouseEvent): boolean {
  return button === 0 && target instanceof Element && target.closest('.cm-value') !== null;
}

function startsDrag(event: PointerEvent, view: EditorView, onDrag: DragListener): boolean {
  const pos = isOnValue(event) ? view.posAtCoords({ x: event.clientX, y: event.clientY }) : null;
  const found = pos === null ? undefined : valueAt(view.state, pos);
  if (pos === null || found === undefined || event.pointerType === 'touch') return false;
  const { knob, knobs } = found;
  let shown = knob.value;
  let hasMoved = false;
  const move = ({ clientX }: PointerEvent) => {
    const by = clientX - event.clientX;
    hasMoved ||= Math.abs(by) >= LEAST_MOVE;
    if (!hasMoved) return;
    const value = stepped(knob, knob.value, Math.round(by / PIXELS_PER_STEP));
    if (value === shown) return;
    shown = value;
    onDrag(knob, value, knobs);
  };
  const end = () => {
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', end);
    removeEventListener('pointercancel', end);
    if (hasMoved) return;
    view.dispatch({ selection: { anchor: pos } });
    view.focus();
  };
  addEventListener('pointermove', move);
  addEventListener('pointerup', end);
  addEventListener('pointercancel', end);
  return false;
}

export function valueAt(state: EditorState, pos: number): DraggableValue | undefined {
  let found: DraggableValue | undefined;
  state.field(draggable).between(pos, pos, (_from, _to, { spec }) => {
    found = spec.value as DraggableValue; // As `marksOf` has put it there.
  });
  return found;
}
