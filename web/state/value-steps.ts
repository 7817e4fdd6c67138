import { stepped } from '../editor/knobs.ts';
import { stretchNow } from '../editor/replace-values.ts';
import { turnKnob } from './engine.ts';
import { page } from './page-state.ts';

/** A place in the file that is shown; both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** One step up or down for the value that stands at a place; false where none does. */
export function stepValueAt({ line, column }: TextPlace, direction: 1 | -1): boolean {
  const { knobs, project, file } = page.state;
  for (const knob of knobs?.values ?? []) {
    if (knobs === undefined || knob.at.file !== file || knob.at.line !== line) continue;
    // As written now: the next step may come before the files have been read again.
    const stretch = stretchNow(project, knob.at, knobs.project);
    if (stretch === undefined || column - 1 < stretch.from || column - 1 > stretch.to) continue;
    const written = lineAt(project.files[file], line).slice(stretch.from, stretch.to);
    const value = stepped(knob, Number(written), direction);
    turnKnob(knob, value, knobs);
    page.set({ announcement: `${knob.name} ${value}${knob.unit}` });
    return true;
  }
  return false;
}

function lineAt(text: string | undefined, line: number): string {
  return text?.split('\n')[line - 1] ?? '';
}
