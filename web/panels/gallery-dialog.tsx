import { useState } from 'preact/hooks';
import { bundledScenarios } from '../share/bundled-scenarios.ts';
import { openFiles, openProject } from '../state/opening.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';

/** Every bundled scenario by the question that it answers. */
export function GalleryDialog() {
  const [wanted, setWanted] = useState('');
  const example = useStore(page, (state) => state.example);
  const words = wanted.toLowerCase().split(/\s+/);
  const shown = bundledScenarios().filter(({ name, title, teaches, flags }) => {
    const text = `${name} ${title} ${teaches} ${flags}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const head = (
    <>
      <span class="grow" />
      <label class="srch">
        <Icon name="find" />
        <input
          placeholder="503 UH, weights, retries …"
          aria-label="Find a scenario"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      </label>
      <label class="btn line hidephone">
        Open your YAML…
        <input
          class="sr"
          type="file"
          multiple
          accept=".yaml,.yml,.json"
          onChange={(event) => void openFiles(event.currentTarget.files ?? [])}
        />
      </label>
    </>
  );
  return (
    <Dialog title="What do you want to understand?" head={head}>
      <div class="cards">
        {shown.map(({ name, title, teaches, flags, project }) => (
          <button
            key={name}
            type="button"
            class={name === example ? 'card on' : 'card'}
            onClick={() => openProject(project, { example: name })}
          >
            <b>{title}</b>
            <p>{teaches}</p>
            <span class="tg">{[name, flags].filter((text) => text !== '').join(' · ')}</span>
          </button>
        ))}
        {shown.length === 0 && <p class="empty">No scenario speaks of that.</p>}
      </div>
    </Dialog>
  );
}
