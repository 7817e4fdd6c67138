import { page } from './page-state.ts';

/** The theme that is shown: the chosen one, else the system's. */
export function shownTheme(): 'light' | 'dark' {
  const { theme } = page.state;
  if (theme !== '') return theme;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

export function toggleTheme(): void {
  page.set({ theme: shownTheme() === 'dark' ? 'light' : 'dark' });
  applyTheme();
}

export function applyTheme(): void {
  const { theme } = page.state;
  if (theme === '') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
