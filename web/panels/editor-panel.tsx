import { useEffect, useRef, useState } from 'preact/hooks';
import type { CodeEditor } from '../editor/code-editor.ts';
import { saveLocalProject } from '../share/local-project.ts';
import { edit, goToPlace, run, turnKnob } from '../state/engine.ts';
import { afterFirstResult } from '../state/first-result.ts';
import { filesInOrder } from '../state/opening.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { drawInTurn, Turn, useEffectInTurn } from '../state/turns.tsx';
import { stepValueAt } from '../state/value-steps.ts';
import { Icon } from './icon.tsx';
import { KnobsPanel } from './knobs-panel.tsx';
import { shortFile } from './verdict.tsx';

/** The files of the project, with what is found in them and which lines are to blame. */
export function EditorPanel() {
  const tab = useStore(page, (state) => state.phoneTab);
  const isOpen = useStore(page, (state) => state.isEditorOpen);
  const isEmbedded = useStore(page, (state) => state.isEmbedded);
  const editor = useRef<CodeEditor | undefined>(undefined);
  if (isEmbedded) return null;
  return (
    <section
      class={`panel ${tab === 'editor' ? 'on' : ''} ${isOpen ? 'drawer' : ''}`}
      id="p-editor"
      aria-label="Editor"
    >
      <Tabs onFind={() => editor.current?.find()} onFormat={() => editor.current?.format()} />
      <Code editor={editor} />
      <Findings />
      <KnobsPanel />
    </section>
  );
}

interface TabsProps {
  readonly onFind: () => void;
  readonly onFormat: () => void;
}

const NEAREST = { block: 'nearest', inline: 'nearest' } as const;

function Tabs({ onFind, onFormat }: TabsProps) {
  const project = useStore(page, (state) => state.project);
  const ran = useStore(page, (state) => state.ranProject);
  const file = useStore(page, (state) => state.file);
  const findings = useStore(page, (state) => state.findings);
  const status = useStore(page, (state) => state.status);
  const opened = useStore(page, (state) => state.opened);
  const isLocal = useStore(page, (state) => state.isLocal);
  const files = filesInOrder(project);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView(NEAREST);
  }, [file, files.length]);
  const isChanged = ran !== undefined && ran !== project && status !== 'running';
  return (
    <div class="ph tabs">
      <div class="tablist" ref={list} role="tablist" aria-label="Files">
        {files.map((path) => (
          <button
            key={path}
            type="button"
            role="tab"
            aria-selected={path === file}
            tabIndex={path === file ? 0 : -1}
            title={path}
            onClick={() => page.set({ file: path })}
            onKeyDown={(event) => onArrow(event, files, path)}
          >
            {path === project.scenario ? 'scenario' : shortFile(path).replace(/\.ya?ml$/, '')}
            {findings.some(({ at, severity }) => at?.file === path && severity !== 'info') && (
              <span class="dot" title="has findings" />
            )}
          </button>
        ))}
      </div>
      <span class="grow" />
      {isChanged && (
        <button type="button" class="btn line sm" onClick={() => run(true)}>
          Run changes
        </button>
      )}
      {project !== opened && (
        <button
          type="button"
          class="btn icon"
          aria-label="As it was opened"
          title="Undo every edit, and run"
          onClick={() => edit(opened, true)}
        >
          <Icon name="undo" />
        </button>
      )}
      {isLocal && opened !== project && (
        <button type="button" class="btn line sm" onClick={() => void saveLocalProject()}>
          Save
        </button>
      )}
      <button
        type="button"
        class="btn icon"
        aria-label="Format the file"
        title="Format (Shift+Alt+F)"
        onClick={onFormat}
      >
        <Icon name="rowsI" />
      </button>
      <button type="button" class="btn icon" aria-label="Find in the file" onClick={onFind}>
        <Icon name="find" />
      </button>
      <button
        type="button"
        class="btn icon drawerclose"
        aria-label="Close the editor"
        onClick={() => page.set({ isEditorOpen: false })}
      >
        <Icon name="x" />
      </button>
    </div>
  );
}

function onArrow(event: KeyboardEvent, files: readonly string[], file: string): void {
  const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  const next = files[files.indexOf(file) + by];
  if (by === 0 || next === undefined) return;
  page.set({ file: next });
  const buttons = (event.currentTarget as HTMLElement).parentElement?.querySelectorAll<HTMLElement>(
    '[role=tab]',
  ); // A tab.
  buttons?.[files.indexOf(next)]?.focus();
  event.stopPropagation();
}

/** CodeMirror comes after a first result, or when somebody reaches for it. Until then the text is there to read. */
function Code({ editor }: { readonly editor: { current?: CodeEditor | undefined } }) {
  const file = useStore(page, (state) => state.file);
  const text = useStore(page, (state) => state.project.files[state.file] ?? '');
  const findings = useStore(page, (state) => state.findings);
  const view = useStore(page, (state) => state.view);
  const goTo = useStore(page, (state) => state.goTo);
  const knobs = useStore(page, (state) => state.knobs);
  const ran = useStore(page, (state) => state.ranProject);
  const holder = useRef<HTMLDivElement>(null);
  const [isWanted, setWanted] = useState(false);
  const [isLoaded, setLoaded] = useState(false);
  useEffect(() => afterFirstResult(() => setWanted(true)), []);
  useEffect(() => {
    let isGone = false;
    if (!isWanted) return;
    void import('../editor/code-editor.ts').then(({ CodeEditor }) => {
      if (isGone || holder.current === null) return;
      editor.current = new CodeEditor({
        parent: holder.current,
        onChange: (written, changed) => {
          const { project } = page.state;
          edit({ ...project, files: { ...project.files, [written]: changed } }, false);
        },
        names: () => page.state.names,
        onDrag: turnKnob,
        onStep: stepValueAt,
      });
      setLoaded(true);
    });
    return () => {
      isGone = true;
    };
  }, [isWanted]);
  useEffect(() => {
    let { openings } = page.state;
    let isAwaited = false;
    const show = () => {
      isAwaited = false;
      const { file: shown, project } = page.state;
      editor.current?.setText(shown, project.files[shown] ?? '');
    };
    // At once, not when the panel is drawn next: what is typed until then would go into what was there.
    // Where other files are opened nothing is there any more, and they may be long.
    const look = () => {
      if (page.state.openings !== openings) {
        openings = page.state.openings;
        isAwaited = true;
        editor.current?.forget();
        drawInTurn(new Turn(), show);
      } else if (!isAwaited) show();
    };
    show();
    return page.subscribe(look);
  }, [isLoaded]);
  useEffectInTurn(() => {
    editor.current?.setFindings(findings.filter(({ at }) => at?.file === file));
  }, [findings, file, isLoaded]);
  useEffectInTurn(() => {
    // Only where the text is still the one in which they were found.
    const isCurrent = knobs?.project.files[file] === text;
    if (isCurrent) editor.current?.setValues(knobs);
  }, [knobs, file, isLoaded, text]);
  useEffectInTurn(() => {
    const causes = view?.causes.filter(({ at }) => at?.file === file) ?? [];
    const marks = causes.map(({ at, count, flags, code }) => ({
      line: at!.line,
      text: `${count} ${flags === '-' ? code : (flags.split(',')[0] ?? '')}`,
      isWorst: view?.causes[0]?.at?.line === at!.line && view.causes[0]?.at?.file === file,
    }));
    // The worst of a line speaks for it.
    const once = new Map(marks.reverse().map((mark) => [mark.line, mark]));
    editor.current?.setMarks([...once.values()]);
    const worst = [...once.values()].find(({ isWorst }) => isWorst);
    if (worst !== undefined && view?.isOver === true) editor.current?.show(worst.line);
  }, [view?.digest, file, isLoaded]);
  useEffectInTurn(() => {
    const unmet = view?.unexercised.filter(({ at }) => at?.file === file) ?? [];
    // Lines are those of the text that ran.
    const isRun = ran?.files[file] === text;
    editor.current?.setDimmed(isRun ? unmet.map(({ at }) => at!.line) : []);
  }, [view?.digest, file, isLoaded, ran, text]);
  useEffect(() => {
    if (goTo !== undefined && goTo.file === file) editor.current?.goTo(goTo.line, goTo.column);
  }, [goTo, file, isLoaded]);
  return (
    <div
      class="code"
      ref={holder}
      onFocusIn={() => setWanted(true)}
      onPointerDown={() => setWanted(true)}
    >
      {!isLoaded && <pre tabIndex={0}>{text}</pre>}
    </div>
  );
}

function Findings() {
  const findings = useStore(page, (state) => state.findings);
  const file = useStore(page, (state) => state.file);
  const shown = findings.filter(({ severity }) => severity !== 'info');
  const first = shown.find(({ at }) => at?.file === file) ?? shown[0];
  if (first === undefined) return null;
  return (
    <div class="diag" role="status">
      <span class={first.severity === 'error' ? 'bad' : 'warn'}>
        <Icon name="warn" />
      </span>
      <div>
        <b>
          {first.severity === 'error' ? 'Error' : 'Warning'} [{first.code}]
        </b>{' '}
        <button type="button" class="link" onClick={() => goToPlace(first.at)}>
          {first.at === undefined
            ? ''
            : `${shortFile(first.at.file)}:${first.at.line}:${first.at.column}`}
        </button>
        {shown.length > 1 && <span class="muted"> and {shown.length - 1} more</span>}
        <br />
        {first.message}
        {first.hint !== '' && <span class="muted"> {first.hint}</span>}
      </div>
    </div>
  );
}
