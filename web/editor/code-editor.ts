import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import {
  codeFolding,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language';
import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import {
  highlightSelectionMatches,
  openSearchPanel,
  search,
  searchKeymap,
} from '@codemirror/search';
import { EditorState, type Extension, RangeSet, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  GutterMarker,
  gutter,
  highlightActiveLine,
  hoverTooltip,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { ProjectNames } from '../engine/project-names.ts';
import type { Finding } from '../engine/protocol.ts';
import { blockAt } from './blocks.ts';
import { completeField, documentationOf } from './fields.ts';
import type { Knobs } from './knobs.ts';
import { parseInSlices } from './parse-slices.ts';
import { type DragListener, showValues, valueDrag } from './value-drag.ts';
import { type StepListener, valueStepper } from './value-stepper.ts';

/** What stands left of a line: `203 UO`. */
export interface LineMark {
  readonly line: number;
  readonly text: string;
  readonly isWorst: boolean;
}

export interface CodeEditorOptions {
  readonly parent: HTMLElement;
  /** What was written in a file: in the one that is shown, which the page may already have left. */
  readonly onChange: (file: string, text: string) => void;
  readonly onDrag: DragListener;
  readonly onStep: StepListener;
  /** Of the project, as they are when something is completed. */
  readonly names: () => ProjectNames | undefined;
}

/** The editor, loaded when it is first shown; it knows nothing of the page around it. */
export class CodeEditor {
  readonly #view: EditorView;
  readonly #extensions: Extension;
  /** Of the files that are not shown: each has a history, a caret and folds of its own. */
  readonly #states = new Map<string, EditorState>();
  #file = '';
  /** As it was last said or heard. */
  #text = '';
  #isSetting = false;

  constructor({ parent, onChange, onDrag, onStep, names }: CodeEditorOptions) {
    const listener = EditorView.updateListener.of((update) => {
      if (!update.docChanged || this.#isSetting || this.#file === '') return;
      this.#text = update.state.doc.toString();
      onChange(this.#file, this.#text);
    });
    this.#extensions = [
      EXTENSIONS,
      listener,
      valueDrag(onDrag),
      valueStepper(onStep),
      autocompletion({ override: [(context) => completeField(context, names())] }),
    ];
    this.#view = new EditorView({ parent, state: this.#fresh('') });
    this.#view.scrollDOM.tabIndex = 0; // It scrolls, so the keyboard must reach it.
  }

  #fresh(doc: string): EditorState {
    return EditorState.create({ doc, extensions: this.#extensions });
  }

  /** Other files are opened: what is written in those before, and could be undone there, is not theirs. */
  forget(): void {
    this.#states.clear();
    this.#file = '';
  }

  /** Shows a file with this text; the caret stays where it is if it is the same file. */
  setText(file: string, text: string): void {
    if (file === this.#file && text === this.#text) return;
    this.#text = text;
    if (file !== this.#file) {
      if (this.#file !== '') this.#states.set(this.#file, this.#view.state);
      this.#file = file;
      this.#view.setState(this.#states.get(file) ?? this.#fresh(text));
    }
    const old = this.#view.state.doc.toString();
    if (old === text) return;
    this.#isSetting = true;
    this.#view.dispatch({ changes: changeBetween(old, text) });
    this.#isSetting = false;
  }

  setFindings(findings: readonly Finding[]): void {
    const { doc } = this.#view.state;
    const diagnostics = findings.flatMap(
      ({ at, severity, message, code, hint }): readonly Diagnostic[] => {
        if (at === undefined || at.line > doc.lines) return [];
        const line = doc.line(at.line);
        const from = Math.min(line.to, line.from + at.column - 1);
        const to = Math.min(line.to, from + at.length);
        return [
          { from, to, severity, message: `[${code}] ${message}${hint === '' ? '' : `\n${hint}`}` },
        ];
      },
    );
    this.#view.dispatch(setDiagnostics(this.#view.state, diagnostics));
  }

  setMarks(marks: readonly LineMark[]): void {
    this.#view.dispatch({ effects: changeMarks.of(marks) });
  }

  /** Lines that nothing in the run met. */
  setDimmed(lineNumbers: readonly number[]): void {
    const all = this.#view.state.doc.toString().split('\n');
    const dimmed = new Set<number>();
    for (const line of lineNumbers) {
      const block = blockAt(all, line);
      for (let one = block?.from ?? 1; one <= (block?.to ?? 0); one++) dimmed.add(one);
    }
    this.#view.dispatch({ effects: changeDimmed.of([...dimmed].sort((a, b) => a - b)) });
  }

  setValues(knobs: Knobs): void {
    showValues(this.#view, knobs, this.#file);
  }

  goTo(lineNumber: number, column: number): void {
    const { doc } = this.#view.state;
    if (lineNumber > doc.lines) return;
    const line = doc.line(lineNumber);
    const anchor = Math.min(line.to, line.from + column - 1);
    this.#view.dispatch({
      selection: { anchor },
      effects: EditorView.scrollIntoView(line.from, { y: 'center' }),
    });
    this.#view.focus();
  }

  /** Without taking the focus; where somebody writes stays in sight. */
  show(lineNumber: number): void {
    const { doc } = this.#view.state;
    if (lineNumber > doc.lines || this.#view.hasFocus) return;
    this.#view.dispatch({
      effects: EditorView.scrollIntoView(doc.line(lineNumber).from, { y: 'center' }),
    });
  }

  find(): void {
    openSearchPanel(this.#view);
  }

  format(): void {
    void formatText(this.#view);
  }
}

/** Lays the text out anew; the caret stays where it is. A text that is not sound stays as it is. */
async function formatText(view: EditorView): Promise<void> {
  const old = view.state.doc;
  const { formatted } = await import('./formatted.ts');
  const text = formatted(old.toString());
  if (text === undefined || view.state.doc !== old) return;
  view.dispatch({ changes: changeBetween(old.toString(), text), userEvent: 'format' });
}

/** The stretch that differs. */
function changeBetween(old: string, text: string) {
  let start = 0;
  while (start < old.length && start < text.length && old[start] === text[start]) start++;
  let end = 0;
  const most = Math.min(old.length, text.length) - start;
  while (end < most && old.at(-1 - end) === text.at(-1 - end)) end++;
  return { from: start, to: old.length - end, insert: text.slice(start, text.length - end) };
}

// The time of the page, not of a run: how long a slice has taken.
parseInSlices(navigator.scheduling, () => performance.now());

const changeMarks = StateEffect.define<readonly LineMark[]>();

class Mark extends GutterMarker {
  readonly #mark: LineMark;

  constructor(mark: LineMark) {
    super();
    this.#mark = mark;
  }

  override eq(other: Mark): boolean {
    return other.#mark.text === this.#mark.text && other.#mark.isWorst === this.#mark.isWorst;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('span');
    element.className = this.#mark.isWorst ? 'bl' : 'bl soft';
    element.textContent = this.#mark.text;
    return element;
  }
}

interface Marks {
  readonly list: readonly LineMark[];
  readonly gutter: RangeSet<Mark>;
  readonly lines: DecorationSet;
}

const lineMarks = StateField.define<Marks>({
  create: () => ({ list: [], gutter: RangeSet.empty, lines: Decoration.none }),
  update: (marks, { effects, state, changes, docChanged }) => {
    for (const effect of effects) if (effect.is(changeMarks)) return marksIn(state, effect.value);
    if (!docChanged) return marks;
    return { list: marks.list, gutter: marks.gutter.map(changes), lines: marks.lines.map(changes) };
  },
  provide: (field) => EditorView.decorations.from(field, ({ lines }) => lines),
});

function marksIn({ doc }: EditorState, list: readonly LineMark[]): Marks {
  const placed = list
    .filter(({ line }) => line >= 1 && line <= doc.lines)
    .map((mark) => ({ mark, from: doc.line(mark.line).from }))
    .sort((a, b) => a.from - b.from);
  return {
    list,
    gutter: RangeSet.of(placed.map(({ mark, from }) => new Mark(mark).range(from))),
    lines: RangeSet.of(
      placed
        .filter(({ mark }) => mark.isWorst)
        .map(({ from }) => Decoration.line({ class: 'cm-blamed' }).range(from)),
    ),
  };
}

const changeDimmed = StateEffect.define<readonly number[]>();
const dimmedLine = Decoration.line({
  class: 'cm-unmet',
  attributes: { title: 'No request of the run met this' },
});

const dimmedLines = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (lines, { effects, state, changes }) => {
    for (const effect of effects)
      if (effect.is(changeDimmed))
        return Decoration.set(
          effect.value.map((line) => dimmedLine.range(state.doc.line(line).from)),
        );
    return lines.map(changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const markGutter = gutter({
  class: 'cm-blame',
  markers: (view) => view.state.field(lineMarks).gutter,
  initialSpacer: () => new Mark({ line: 0, text: '203 UO', isWorst: false }),
});

const highlighting = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)' },
  { tag: [tags.string, tags.content, tags.labelName, tags.typeName], color: 'var(--text)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-num)' },
]);

const theme = EditorView.theme({
  // Brackets and commas are half of what there is: they are as muted as comments without a style of their own.
  '&': { height: '100%', fontSize: '12px', color: 'var(--muted)', backgroundColor: 'var(--panel)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '18px', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '4px 0' },
  '.cm-gutters': {
    backgroundColor: 'var(--panel)',
    color: 'var(--muted)',
    border: '0',
    fontSize: '11px',
  },
  '.cm-gutter-lint': { display: 'none' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 60%, transparent)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 26%, var(--panel)) !important',
  },
  '.cm-cursor': { borderLeftColor: 'var(--accent)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    maxWidth: '420px',
  },
  '.cm-unmet': { backgroundColor: 'var(--sunken)', fontStyle: 'italic' },
  '.cm-unmet *': { color: 'var(--muted) !important' },
  '.cm-value': { borderBottom: '1.5px solid var(--accent)', cursor: 'ew-resize' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
});

const EXTENSIONS: Extension = [
  lineMarks,
  dimmedLines,
  markGutter,
  lineNumbers(),
  foldGutter({ openText: '▾', closedText: '▸' }),
  codeFolding(),
  history(),
  drawSelection(),
  indentOnInput(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  search({ top: true }),
  yaml(),
  syntaxHighlighting(highlighting),
  hoverTooltip((view, pos) => documentationOf(view, pos)),
  keymap.of([
    ...defaultKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...searchKeymap,
    ...completionKeymap,
    {
      key: 'Shift-Alt-f',
      run: (view) => {
        void formatText(view);
        return true;
      },
    },
    indentWithTab,
  ]),
  EditorView.contentAttributes.of({ 'aria-label': 'YAML' }),
  theme,
];
