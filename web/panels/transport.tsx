import { secondsText } from '../state/formats.ts';
import { type EventKind, page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { changeSpeed, moveCursor, setSpeed, step, togglePlay } from '../state/time.ts';
import { Icon } from './icon.tsx';
import { PauseMenu } from './pause-menu.tsx';

const EVENT_KINDS: readonly EventKind[] = [
  'any event',
  'ejection',
  'first failure',
  'push',
  'step',
];

/** Play, step, speed, and the clock. */
export function Transport() {
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const durationNs = useStore(page, (state) => state.view?.durationNs ?? 0);
  const speed = useStore(page, (state) => state.speed);
  const eventKind = useStore(page, (state) => state.eventKind);
  return (
    <div class="transport">
      <button
        type="button"
        class="btn icon"
        aria-label="To the start"
        onClick={() => moveCursor(0)}
      >
        <Icon name="first" />
      </button>
      <PlayButton />
      <StepButton />
      <label class="select small">
        <span class="sr">Step to</span>
        <select
          value={eventKind}
          onChange={(event) =>
            page.set({
              eventKind:
                EVENT_KINDS.find((kind) => kind === event.currentTarget.value) ?? 'any event',
            })
          }
        >
          {EVENT_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {kind}
            </option>
          ))}
        </select>
      </label>
      <PauseMenu />
      <fieldset class="seg speed" aria-label="Speed">
        <button type="button" aria-label="Slower" onClick={() => changeSpeed(-1)}>
          −
        </button>
        <label>
          <input
            type="number"
            min="0.1"
            max="1000"
            step="any"
            aria-label="Speed: virtual seconds in a real one"
            value={speed}
            onChange={(event) => setSpeed(event.currentTarget.valueAsNumber)}
          />
          ×
        </label>
        <button type="button" aria-label="Faster" onClick={() => changeSpeed(1)}>
          +
        </button>
      </fieldset>
      <button
        type="button"
        class="btn icon"
        aria-label="Choose charts"
        onClick={() => page.set({ dialog: 'lanes' })}
      >
        <Icon name="rowsI" />
      </button>
      <span class="clock">
        <span class="clk">{secondsText(cursorNs)}</span> s{' '}
        <small>/ {Math.round(durationNs / 1e9)} s</small>
      </span>
    </div>
  );
}

export function PlayButton() {
  const isPlaying = useStore(page, (state) => state.isPlaying);
  return (
    <button
      type="button"
      class="btn icon"
      aria-label={isPlaying ? 'Pause' : 'Play'}
      onClick={togglePlay}
    >
      <Icon name={isPlaying ? 'pause' : 'play'} isSolid={!isPlaying} />
    </button>
  );
}

export function StepButton() {
  return (
    <button
      type="button"
      class="btn icon"
      aria-label="Step to the next event"
      onClick={() => step(1)}
    >
      <Icon name="next" />
    </button>
  );
}
