/** The paths of the icons, on a grid of 16. */
const PATHS = {
  play: 'M5 3.2v9.6L12.6 8z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  pauseAt: 'M4 3.500v9M7.500 3.500v9M11 4h3M11 7h3M12.500 9.500v.1M11 12.500h3',
  first: 'M4 3.5v9M12 3.5 6.5 8l5.5 4.5z',
  next: 'M3 3.5 8.5 8 3 12.5zM12.5 3.5v9',
  share: 'M8 10V2.5M5 5l3-2.5L11 5M3 8.5V13h10V8.5',
  cmp: 'M2.5 5h11M2.5 11H5m2 0h2.5m2 0h2',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z',
  help: 'M5.8 6a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.9-1.1 1.8M8 12.3v.2',
  dn: 'm4.5 6.5 3.5 3.5 3.5-3.5',
  x: 'm4 4 8 8M12 4l-8 8',
  ok: 'm3.5 8.5 3 3 6-7',
  warn: 'M8 2.5 14.3 13H1.7zM8 6.5v3M8 11.2v.1',
  maxi: 'M9.5 3H13v3.5M6.5 13H3V9.5M13 3 9 7M3 13l4-4',
  undo: 'M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M6 3.500 3 6.500l3 3',
  find: 'M11 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0M10 10l3.5 3.5',
  tab: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6',
  file: 'M4 2.5h5l3 3v8H4zM9 2.5v3h3',
  zip: 'M2.5 5h11v8h-11zM2.5 5 4 3h8l1.5 2M6.5 8h3',
  graphI:
    'M5.3 8a1.8 1.8 0 1 1-3.6 0 1.8 1.8 0 0 1 3.6 0M14.3 4a1.8 1.8 0 1 1-3.6 0 1.8 1.8 0 0 1 3.6 0M14.3 12a1.8 1.8 0 1 1-3.6 0 1.8 1.8 0 0 1 3.6 0M5.2 7.2 11 4.7M5.2 8.8l5.8 2.5',
  chartI: 'M2.5 2.5v11h11M5 10l3-3.5 2 2 3-4',
  rowsI: 'M2.5 4h11M4.5 8h9M6.5 12h5',
  codeI: 'm6 4.5-3.5 3.500L6 11.500M10 4.500l3.500 3.500-3.500 3.500',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, isSolid }: { readonly name: IconName; readonly isSolid?: boolean }) {
  return (
    <svg class={isSolid === true ? 'ic solid' : 'ic'} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
