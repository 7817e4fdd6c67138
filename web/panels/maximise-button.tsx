import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { Icon } from './icon.tsx';

/** Gives a panel the room of the other in its column, and back. */
export function MaximiseButton({ panel }: { readonly panel: 'graph' | 'requests' }) {
  const maximised = useStore(page, (state) => state.maximised);
  return (
    <button
      type="button"
      class="btn icon hidephone"
      aria-label={`Maximise the ${panel}`}
      aria-pressed={maximised === panel}
      onClick={() => page.set({ maximised: maximised === panel ? '' : panel })}
    >
      <Icon name="maxi" />
    </button>
  );
}
