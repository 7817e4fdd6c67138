import { LANES } from '../charts/lanes.ts';
import { DEFAULT_LANES, type PageState, page } from './page-state.ts';
import { isRecord } from './standpoint.ts';

/** How the page looks, wherever one is in it: that is remembered, too. */
const KEY = 'meshsim-page';

export function remembered(): Partial<PageState> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (!isRecord(found)) return {};
    const theme = found['theme'] === 'light' || found['theme'] === 'dark' ? found['theme'] : '';
    const lanes = Array.isArray(found['lanes']) ? found['lanes'].filter((id) => LANES.has(id)) : [];
    const sizes = Object.entries(isRecord(found['panelSizes']) ? found['panelSizes'] : {});
    return {
      theme,
      lanes: lanes.length > 0 ? lanes : DEFAULT_LANES,
      panelSizes: Object.fromEntries(
        sizes.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
      ),
    };
  } catch {
    return {}; // Storage may be forbidden.
  }
}

export function rememberChanges(): void {
  let last = '';
  page.subscribe(() => {
    const { theme, lanes, panelSizes } = page.state;
    const text = JSON.stringify({ theme, lanes, panelSizes });
    if (text === last) return;
    last = text;
    try {
      localStorage.setItem(KEY, text);
    } catch {
      // Storage may be full or forbidden: then nothing is remembered.
    }
  });
}
