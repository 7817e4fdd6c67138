/**
 * A text that came from a file, as a terminal may show it: a control character, or one that turns the
 * direction of writing, would let the file write what it likes. Each gives one replacement character, so that
 * columns stay; tabs and line ends stay themselves.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}

/** The same, of a text with colours of our own. */
export function printableColoured(text: string): string {
  return text.replace(COLOUR_OR_UNPRINTABLE, (found) => (found.endsWith('m') ? found : '\ufffd'));
}

const UNPRINTABLE_SET =
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]';
const UNPRINTABLE = new RegExp(UNPRINTABLE_SET, 'g');
const COLOUR_OR_UNPRINTABLE = new RegExp(`\\u001b\\[[0-9;]{0,8}m|${UNPRINTABLE_SET}`, 'g');
