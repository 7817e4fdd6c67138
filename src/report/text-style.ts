/** How a text is shown: colours, glyphs and width. Without a terminal: none, all, 100. */
export interface TextStyle {
  readonly width: number;
  readonly glyphs: Glyphs;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

export interface Glyphs {
  readonly held: string;
  readonly failed: string;
  readonly arrow: string;
  readonly times: string;
  readonly dot: string;
  /** Before what is behind something. */
  readonly because: string;
}

export const UNICODE_GLYPHS: Glyphs = {
  held: '✓',
  failed: '✗',
  arrow: '→',
  times: '×',
  dot: '·',
  because: '↳',
};

/** Where the locale is not UTF-8. */
export const ASCII_GLYPHS: Glyphs = {
  held: 'ok',
  failed: 'FAILED',
  arrow: '->',
  times: 'x',
  dot: '-',
  because: '->',
};

const ASCII: ReadonlyMap<string, string> = new Map([
  ['µ', 'u'],
  ['–', '-'],
  ['±', '+-'],
  ['→', '->'],
  ['×', 'x'],
  ['·', '-'],
  ['…', '...'],
]);

/** A text without our own signs beyond ASCII; names that people gave stay as they are. */
export function asciiText(text: string): string {
  return text.replace(/[µ–±→×·…]/g, (sign) => ASCII.get(sign)!);
}

const same = (text: string) => text;

export const PLAIN_STYLE: TextStyle = {
  width: 100,
  glyphs: UNICODE_GLYPHS,
  good: same,
  bad: same,
  warn: same,
  strong: same,
  faint: same,
};
