/** Stretches of a YAML text by their lines, as far as indentation says: that holds while one types. */

export interface Block {
  /** Lines from 1, both included. */
  readonly from: number;
  readonly to: number;
}

/** What stands on a line and all that is indented below it, without empty lines at its end. */
export function blockAt(lines: readonly string[], line: number): Block | undefined {
  const first = lines[line - 1];
  if (first === undefined) return undefined;
  const indent = indentOf(first);
  let to = line;
  for (let next = line; next < lines.length; next++) {
    const text = lines[next]!;
    if (text.trim() === '') continue;
    // The items of a list may stand as deep as its key.
    const isItemOfKey = indentOf(text) === indent && /^\s*- /.test(text) && !/^\s*- /.test(first);
    if (indentOf(text) <= indent && !isItemOfKey) break;
    if (text.startsWith('---')) break;
    to = next + 1;
  }
  return { from: line, to };
}

function indentOf(text: string): number {
  return text.search(/\S|$/);
}
