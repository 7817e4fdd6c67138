/** Where a place in a YAML text is, by its keys; read from the lines, so that it holds while one types. */
export interface YamlPath {
  /** Keys from the document's root to where the place is. */
  readonly parents: readonly string[];
  /** The key whose value the place is in; undefined where a key may stand. */
  readonly key: string | undefined;
  /** What is written of the word before the place. */
  readonly word: string;
  /** The lines of the document, from and to (not included). */
  readonly from: number;
  readonly to: number;
}

const KEY = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s:,{}[\]'"#&*!|>][^:,{}[\]#]*?))\s*:(?=\s|$)/;
const START = /^\s*(?:- +)*/;

/** `index` counts lines from 0, `column` characters of that line. */
export function yamlPathAt(lines: readonly string[], index: number, column: number): YamlPath {
  let from = index;
  while (from > 0 && !lines[from]!.startsWith('---')) from--;
  let to = index + 1;
  while (to < lines.length && !lines[to]!.startsWith('---')) to++;
  const before = lines[index]!.slice(0, column);
  const start = START.exec(before)?.[0] ?? '';
  const { parents, key, word } = inLine(before.slice(start.length));
  return { parents: [...above(lines, from, index, start.length), ...parents], key, word, from, to };
}

/** The key that stands at a place, with its parents; undefined if none does. */
export function yamlKeyAt(
  lines: readonly string[],
  index: number,
  column: number,
): { readonly path: readonly string[]; readonly at: YamlPath; readonly start: number } | undefined {
  const line = lines[index]!;
  let start = column;
  while (start > 0 && /[\w./-]/.test(line[start - 1]!)) start--;
  const name = /^([\w./-]+)\s*:/.exec(line.slice(start))?.[1];
  if (name === undefined) return undefined;
  const at = yamlPathAt(lines, index, start);
  return at.key === undefined ? { path: [...at.parents, name], at, start } : undefined;
}

/** Keys of the lines above that are less and less indented. */
function above(lines: readonly string[], from: number, index: number, indent: number): string[] {
  const keys: string[] = [];
  let least = indent;
  for (let line = index - 1; line >= from && least > 0; line--) {
    const text = lines[line]!;
    const start = START.exec(text)?.[0].length ?? 0;
    const rest = text.slice(start);
    if (start >= least || rest === '' || rest.startsWith('#')) continue;
    least = start;
    const name = nameOf(KEY.exec(rest));
    if (name !== undefined) keys.unshift(name);
  }
  return keys;
}

/** What is open at the end of a line's beginning: flow mappings, and the key of a value. */
function inLine(text: string): Pick<YamlPath, 'parents' | 'key' | 'word'> {
  const open: (string | undefined)[] = [];
  let key: string | undefined;
  let wordAt = 0;
  for (let at = 0; at < text.length; ) {
    const found = KEY.exec(text.slice(at));
    if (found !== null && key === undefined) {
      key = nameOf(found);
      at += found[0].length;
      wordAt = at;
      continue;
    }
    const letter = text[at]!;
    if (letter === '{' || letter === '[') open.push(key);
    if (letter === '}' || letter === ']') key = open.pop();
    if (letter === '{' || letter === '[' || letter === ',') key = undefined;
    at = letter === '"' || letter === "'" ? endOfQuoted(text, at) : at + 1;
    if (/[{[,\s]/.test(letter)) wordAt = at;
  }
  const parents = open.filter((name) => name !== undefined);
  return { parents, key, word: text.slice(wordAt).trimStart() };
}

function endOfQuoted(text: string, start: number): number {
  const end = text.indexOf(text[start]!, start + 1);
  return end < 0 ? text.length : end + 1;
}

function nameOf(found: RegExpExecArray | null): string | undefined {
  return found?.[1] ?? found?.[2] ?? found?.[3];
}
