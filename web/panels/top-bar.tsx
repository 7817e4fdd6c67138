import { cancel, run } from '../state/engine.ts';
import { clientFlows, sumIn, wholeOf } from '../state/flow-sums.ts';
import { shortNumber } from '../state/formats.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { toggleTheme } from '../state/theme.ts';
import { Icon } from './icon.tsx';

export function TopBar() {
  const view = useStore(page, (state) => state.view);
  const status = useStore(page, (state) => state.status);
  const seed = useStore(page, (state) => state.seed);
  const isComparing = useStore(page, (state) => state.isComparing);
  const former = useStore(page, (state) => state.former);
  const isRunning = status === 'running';
  const title = view?.title ?? 'Choose a scenario';
  return (
    <header class="bar">
      <div class="logo">
        <Mark />
        <span class="hidephone">meshsim</span>
      </div>
      <button
        type="button"
        class="btn title"
        aria-haspopup="dialog"
        onClick={() => page.set({ dialog: 'gallery' })}
      >
        <span>{title}</span> <Icon name="dn" />
      </button>
      <span class="field wide hidelap facts">{view === undefined ? '' : factsOf(view)}</span>
      <span class="grow" />
      <label class="field wide">
        Seed{' '}
        <input
          value={String(seed ?? view?.seed ?? 1)}
          inputMode="numeric"
          onChange={(event) => {
            const wanted = Number(event.currentTarget.value);
            if (!Number.isSafeInteger(wanted) || wanted < 0) return;
            page.set({ seed: wanted });
            run();
          }}
        />
      </label>
      <span class="field wide hidelap" title="Same scenario, same seed, same digest">
        digest <code data-digest={view?.digest}>{view?.digest.slice(0, 8) || '–'}</code>
      </span>
      <button
        type="button"
        class="btn wide"
        aria-pressed={isComparing}
        disabled={former === undefined}
        title={former === undefined ? 'Change a value first: the run before it becomes A' : ''}
        onClick={() => page.set({ isComparing: !isComparing })}
      >
        <Icon name="cmp" />
        Compare
      </button>
      <button
        type="button"
        class="btn"
        aria-haspopup="dialog"
        aria-label="Share"
        onClick={() => page.set({ dialog: 'share' })}
      >
        <Icon name="share" />
        <span class="hidephone">Share</span>
      </button>
      <button type="button" class="btn icon" aria-label="Light or dark" onClick={toggleTheme}>
        <Icon name="moon" />
      </button>
      <button
        type="button"
        class="btn icon wide"
        aria-label="Keys and help"
        onClick={() => page.set({ dialog: 'keys' })}
      >
        <Icon name="help" />
      </button>
      <span class="vr wide" />
      <button type="button" class="btn pri" onClick={() => (isRunning ? cancel() : run())}>
        <Icon name={isRunning ? 'x' : 'play'} isSolid={!isRunning} />
        {isRunning ? 'Cancel' : 'Run'}
      </button>
    </header>
  );
}

function factsOf(view: NonNullable<typeof page.state.view>): string {
  const seconds = view.durationNs / 1e9;
  // While it runs, of the time that is over.
  const overNs = Math.max(1, Math.min(view.frontNs, view.durationNs));
  const rate = sumIn(clientFlows(view), wholeOf(view)) / (overNs / 1e9);
  const pods = view.nodes.reduce((sum, node) => sum + node.pods.length, 0);
  return `${shortNumber(seconds)}s · ${shortNumber(rate)}/s · ${pods} pods`;
}

function Mark() {
  return (
    <svg viewBox="0 0 22 22" fill="none" stroke-linecap="round" stroke-width="2" aria-hidden="true">
      <path d="M4 11h4c3 0 3-5 6-5h1" stroke="var(--s1)" />
      <path d="M8 11c3 0 3 5 6 5h1" stroke="var(--s4)" stroke-dasharray="3 3" />
      <circle cx="4" cy="11" r="2.2" fill="var(--text)" />
      <circle cx="17.5" cy="6" r="2.2" fill="var(--s1)" />
      <circle cx="17.5" cy="16" r="2.2" fill="var(--s4)" />
    </svg>
  );
}
