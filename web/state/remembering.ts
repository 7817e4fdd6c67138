import { LANES } from '../charts/lanes.ts';
import { DEFAULT_LANES, type PageState, page } from './page-state.ts';

/** What survives a reload: how the page looks. What was edited is in the link, if one asks for it. */
const KEY = 'meshsim-page';

export function remembered(): Partial<PageState> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof found !== 'object' || found === null) return {};
    const theme =
      'theme' in found && (found.theme === 'light' || found.theme === 'dark') ? found.theme : '';
    const lanes =
      'lanes' in found && Array.isArray(found.lanes)
        ? found.lanes.filter((id) => LANES.has(id))
        : [];
    return { theme, lanes: lanes.length > 0 ? lanes : DEFAULT_LANES };
  } catch {
    return {}; // Storage may be forbidden.
  }
}

export function rememberChanges(): void {
  let last = '';
  page.subscribe(() => {
    const { theme, lanes } = page.state;
    const text = JSON.stringify({ theme, lanes });
    if (text === last) return;
    last = text;
    try {
      localStorage.setItem(KEY, text);
    } catch {
      // Storage may be full or forbidden: then nothing is remembered.
    }
  });
}
