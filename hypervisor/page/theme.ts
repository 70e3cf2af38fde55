/**
 * Dark or light colours: as the machine prefers, until the user chooses.
 */
const KEY = 'limevisor-theme';

export type Theme = 'dark' | 'light';

function themeNow(): Theme {
  const kept = localStorage.getItem(KEY);
  if (kept === 'dark' || kept === 'light') return kept;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = themeNow();
}

export function otherTheme(): void {
  localStorage.setItem(KEY, themeNow() === 'dark' ? 'light' : 'dark');
  applyTheme();
}
