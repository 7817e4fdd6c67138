import { memo } from 'preact/compat';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { ChartsPanel } from './panels/charts-panel.tsx';
import { Dock } from './panels/dock.tsx';
import { EditorPanel } from './panels/editor-panel.tsx';
import { GalleryDialog } from './panels/gallery-dialog.tsx';
import { GraphPanel } from './panels/graph-panel.tsx';
import { RequestsPanel } from './panels/requests-panel.tsx';
import { ShareDialog } from './panels/share-dialog.tsx';
import { KeysDialog, LanesDialog } from './panels/small-dialogs.tsx';
import { Splitter } from './panels/splitter.tsx';
import { TopBar } from './panels/top-bar.tsx';
import { VerdictPanel } from './panels/verdict.tsx';
import { listenToKeys } from './state/keys.ts';
import { openFiles } from './state/opening.ts';
import { page, type RunStatus } from './state/page-state.ts';
import { useStore } from './state/store.ts';
import { afterTurns, InTurn } from './state/turns.tsx';

/** The whole page: verdict above, four panels below. */
export function Page() {
  const maximised = useStore(page, (state) => state.maximised);
  const isEmbedded = useStore(page, (state) => state.isEmbedded);
  const tab = useStore(page, (state) => state.phoneTab);
  const status = useShownStatus();
  useEffect(listenToKeys, []);
  useEffect(listenToDrops, []);
  return (
    <div
      class="page"
      data-tab={tab}
      data-max={maximised}
      data-embed={isEmbedded ? '1' : undefined}
      data-status={status}
    >
      <Panels />
      <Dialogs />
    </div>
  );
}

/** Nothing of it follows from the page around it: each panel is drawn when its turn comes. */
const Panels = memo(() => (
  <>
    <a class="skip" href="#p-graph">
      Skip to the graph
    </a>
    <Patterns />
    <InTurn>
      <TopBar />
    </InTurn>
    <InTurn>
      <VerdictPanel />
    </InTurn>
    <main>
      <InTurn>
        <EditorPanel />
      </InTurn>
      <Splitter property="--col-editor" side="left" name="Width of the editor" />
      <div class="mid">
        <InTurn>
          <GraphPanel />
        </InTurn>
        <InTurn>
          <RequestsPanel />
        </InTurn>
      </div>
      <Splitter property="--col-charts" side="right" name="Width of the charts" />
      <InTurn>
        <ChartsPanel />
      </InTurn>
    </main>
    <InTurn>
      <Dock />
    </InTurn>
  </>
));

/** A run is over for the page when all of it shows that run. */
function useShownStatus(): RunStatus {
  const status = useStore(page, (state) => state.status);
  const [shown, setShown] = useState(status);
  useLayoutEffect(() => {
    if (status === 'finished') return afterTurns(() => setShown('finished'));
    setShown(status);
    return undefined;
  }, [status]);
  return status === 'finished' ? shown : status;
}

function Dialogs() {
  const dialog = useStore(page, (state) => state.dialog);
  switch (dialog) {
    case 'gallery':
      return <GalleryDialog />;
    case 'share':
      return <ShareDialog />;
    case 'keys':
      return <KeysDialog />;
    case 'lanes':
      return <LanesDialog />;
    default:
      return null;
  }
}

function Patterns() {
  return (
    <svg width="0" height="0" class="patterns" aria-hidden="true">
      <defs>
        <pattern
          id="hatch"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d="M0 0v5" stroke="var(--idle)" stroke-width="2" />
        </pattern>
        <pattern
          id="hatchw"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(-45)"
        >
          <rect width="5" height="5" fill="var(--degraded)" fill-opacity=".28" />
          <path d="M0 0v5" stroke="var(--degraded)" stroke-width="2" />
        </pattern>
      </defs>
    </svg>
  );
}

/** Files may be dropped anywhere. */
function listenToDrops(): () => void {
  const onDrag = (event: DragEvent) => event.preventDefault();
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    void openFiles(event.dataTransfer?.files ?? []);
  };
  document.addEventListener('dragover', onDrag);
  document.addEventListener('drop', onDrop);
  return () => {
    document.removeEventListener('dragover', onDrag);
    document.removeEventListener('drop', onDrop);
  };
}
