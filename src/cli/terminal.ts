import picocolors from 'picocolors';
import { ASCII_GLYPHS, type TextStyle, UNICODE_GLYPHS } from '#report/text-style.ts';

/** What decides how text is shown. */
export interface TerminalFacts {
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From `--no-color` (false); undefined = not said. */
  readonly color: boolean | undefined;
}

/** Without a terminal the width is always the same, so that the same input gives the same bytes. */
const PLAIN_WIDTH = 100;

/** The style of a stream: colour and glyphs as the terminal allows and the person wishes. */
export function textStyle(facts: TerminalFacts): TextStyle {
  const colors = picocolors.createColors(hasColor(facts));
  return {
    width: facts.isTerminal ? Math.max(40, facts.columns ?? PLAIN_WIDTH) : PLAIN_WIDTH,
    glyphs: isUtf8(facts) ? UNICODE_GLYPHS : ASCII_GLYPHS,
    good: colors.green,
    bad: colors.red,
    warn: colors.yellow,
    strong: colors.bold,
    faint: colors.dim,
  };
}

/** `NO_COLOR` and `--no-color` win; `FORCE_COLOR` wins over not being a terminal. */
function hasColor({ isTerminal, environment, color }: TerminalFacts): boolean {
  if (color === false || (environment['NO_COLOR'] ?? '') !== '') return false;
  const force = environment['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (color === true) return true;
  return isTerminal && environment['TERM'] !== 'dumb' && (environment['CI'] ?? '') === '';
}

/** What is no terminal gets UTF-8: the same bytes everywhere. */
function isUtf8({ isTerminal, environment }: TerminalFacts): boolean {
  if (!isTerminal) return true;
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  return locale === '' || /utf-?8/i.test(locale);
}
