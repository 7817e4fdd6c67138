import { Ruler } from '../charts/ruler.tsx';
import { type PhoneTab, page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { Icon, type IconName } from './icon.tsx';
import { PlayButton, StepButton } from './transport.tsx';

const TABS: readonly (readonly [PhoneTab, string, IconName])[] = [
  ['graph', 'Graph', 'graphI'],
  ['charts', 'Charts', 'chartI'],
  ['requests', 'Requests', 'rowsI'],
  ['editor', 'YAML', 'codeI'],
];

/** On a phone: time above the tabs. */
export function Dock() {
  const tab = useStore(page, (state) => state.phoneTab);
  const view = useStore(page, (state) => state.view);
  return (
    <div class="onlyphone">
      <section class="dock" aria-label="Time and panels">
        <div class="tr">
          <PlayButton />
          {view !== undefined && <Ruler view={view} isSmall />}
          <StepButton />
        </div>
        <nav class="nav" aria-label="Panels">
          {TABS.map(([id, name, icon]) => (
            <button
              key={id}
              type="button"
              aria-current={tab === id ? 'page' : undefined}
              onClick={() => page.set({ phoneTab: id })}
            >
              <Icon name={icon} />
              {name}
            </button>
          ))}
        </nav>
      </section>
    </div>
  );
}
