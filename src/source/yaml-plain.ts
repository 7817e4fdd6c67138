import { MAX_DEPTH } from './limits.ts';
import { resolvePlainScalar, type YamlDialect } from './yaml-scalar.ts';
import type { YamlMapping, YamlValue } from './yaml-value.ts';

/**
 * Reads the YAML that manifests are written in — block mappings and sequences, one-line scalars, one-line
 * flow collections — many times faster than the full parser, and gives up (`undefined`) at the first
 * thing that is anything else: anchors, tags, block scalars, several lines, tabs, doubled keys, errors.
 * What it reads, the full parser reads alike (`yaml-plain.test.ts` holds the two together).
 */
export function readPlainYaml(text: string, dialect: YamlDialect): YamlValue | undefined {
  if (UNUSUAL.test(text)) return undefined;
  const reader = new PlainReader(text, dialect);
  try {
    return reader.document();
  } catch (error) {
    if (error === GIVE_UP) return undefined;
    throw error;
  }
}

/** Anything but line feeds and what is neither a control character nor another kind of space. */
const UNUSUAL =
  /[^\n\u0020-\u007e\u00a1-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\uffff]/;

const GIVE_UP = new Error('this is not plain YAML');
function giveUp(): never {
  throw GIVE_UP;
}

const KEY = /^[A-Za-z0-9_./$][A-Za-z0-9_./$-]*$/;
/** What a plain scalar may begin with here; indicators lead to the full parser. */
const PLAIN_START = /^[A-Za-z0-9_./$^(+=;~\\<]|^-[A-Za-z0-9.]/;
const BLOCK_ENTRY = /^([^\s:'"{}[\],#&*!|>%@`?][^\s:'"{}[\],#]*):(?: +(.*))?$/;

class PlainReader {
  readonly #dialect: YamlDialect;
  /** Columns at which the lines begin, and what they say, without blank lines and comments. */
  readonly #indents: number[] = [];
  readonly #contents: string[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string, dialect: YamlDialect) {
    this.#dialect = dialect;
    for (const line of text.split('\n')) {
      const indent = line.search(/[^ ]/);
      if (indent < 0 || line[indent] === '#') continue;
      this.#indents.push(indent);
      this.#contents.push(line.slice(indent).replace(/ +$/, ''));
    }
  }

  document(): YamlValue {
    if (this.#contents.length === 0) giveUp();
    if (/^(?:---|\.\.\.|%)/.test(this.#contents[0]!)) giveUp();
    const value = this.#block(this.#indents[0]!);
    if (this.#at < this.#contents.length) giveUp();
    return value;
  }

  #block(indent: number): YamlValue {
    if (++this.#depth > MAX_DEPTH) giveUp();
    const content = this.#contents[this.#at]!;
    const value = isItem(content) ? this.#sequence(indent) : this.#mapping(indent);
    this.#depth--;
    return value;
  }

  #mapping(indent: number): YamlMapping {
    const result = new Map<string, YamlValue>();
    while (this.#at < this.#contents.length && this.#indents[this.#at] === indent) {
      const content = this.#contents[this.#at]!;
      if (isItem(content)) break;
      const [, name, rest] = BLOCK_ENTRY.exec(content) ?? giveUp();
      const key = this.#key(name!);
      if (result.has(key)) giveUp();
      result.set(key, this.#entryValue(rest ?? '', indent));
    }
    if (result.size === 0) giveUp();
    return result;
  }

  /** The value behind `key:`; on this line or, of a mapping or sequence, on the next ones. */
  #entryValue(rest: string, indent: number): YamlValue {
    this.#at++;
    if (rest !== '' && !rest.startsWith('#')) {
      this.#endLine(indent);
      return this.#inline(rest);
    }
    const next = this.#indents[this.#at];
    if (next === undefined || next < indent) return null;
    if (next > indent) return this.#block(next);
    return isItem(this.#contents[this.#at]!) ? this.#block(indent) : null;
  }

  #sequence(indent: number): YamlValue {
    const result: YamlValue[] = [];
    while (this.#at < this.#contents.length && this.#indents[this.#at] === indent) {
      const content = this.#contents[this.#at]!;
      if (!isItem(content)) break;
      const rest = content.slice(1).trimStart();
      result.push(this.#itemValue(rest, indent, indent + content.length - rest.length));
    }
    return result;
  }

  #itemValue(rest: string, indent: number, column: number): YamlValue {
    if (rest === '' || rest.startsWith('#')) {
      this.#at++;
      const next = this.#indents[this.#at];
      return next !== undefined && next > indent ? this.#block(next) : null;
    }
    if (isItem(rest)) giveUp();
    if (BLOCK_ENTRY.test(rest)) {
      // `- key: value`: a mapping that begins on the line of its item.
      this.#indents[this.#at] = column;
      this.#contents[this.#at] = rest;
      return this.#block(column);
    }
    this.#at++;
    this.#endLine(indent);
    return this.#inline(rest);
  }

  /** A scalar that goes on in the next line is the full parser's. */
  #endLine(indent: number): void {
    if ((this.#indents[this.#at] ?? 0) > indent) giveUp();
  }

  #inline(text: string): YamlValue {
    const first = text[0]!;
    if (first === '{' || first === '[') {
      const flow = new FlowReader(
        text,
        (scalar) => this.#plain(scalar),
        (key) => this.#key(key),
      );
      const value = flow.value(this.#depth);
      if (!/^(?: +#.*)?$/.test(text.slice(flow.at))) giveUp();
      return value;
    }
    if (first === '"' || first === "'") return quotedText(text);
    const comment = text.indexOf(' #');
    const scalar = comment < 0 ? text : text.slice(0, comment).trimEnd();
    if (scalar.includes(': ') || scalar.endsWith(':')) giveUp();
    return this.#plain(scalar);
  }

  #plain(text: string): YamlValue {
    return PLAIN_START.test(text) ? resolvePlainScalar(text, this.#dialect) : giveUp();
  }

  #key(text: string): string {
    if (!KEY.test(text)) giveUp();
    if (this.#dialect === 'yaml-1.2') return text;
    const value = resolvePlainScalar(text, this.#dialect);
    return value === null ? text : String(value);
  }
}

function isItem(content: string): boolean {
  return content[0] === '-' && (content.length === 1 || content[1] === ' ');
}

/** A quoted text that ends on its line and escapes nothing. */
function quotedText(text: string): string {
  const [, double, single] = /^(?:"([^"\\]*)"|'([^']*)')(?: +#.*)?$/.exec(text) ?? giveUp();
  return (double ?? single)!;
}

/** A flow collection on one line, of plain and simply quoted scalars. */
class FlowReader {
  at = 0;
  readonly #text: string;
  readonly #plain: (text: string) => YamlValue;
  readonly #keyOf: (text: string) => string;

  constructor(text: string, plain: (text: string) => YamlValue, keyOf: (text: string) => string) {
    this.#text = text;
    this.#plain = plain;
    this.#keyOf = keyOf;
  }

  value(depth: number): YamlValue {
    if (depth >= MAX_DEPTH) giveUp();
    const first = this.#text[this.at];
    if (first === '{') return this.#mapping(depth + 1);
    if (first === '[') return this.#sequence(depth + 1);
    return this.#scalar();
  }

  #mapping(depth: number): YamlMapping {
    const result = new Map<string, YamlValue>();
    this.#open();
    while (this.#text[this.at] !== '}') {
      const [whole, name] = this.#match(/([A-Za-z0-9_./$][A-Za-z0-9_./$-]*): +/y);
      this.at += whole.length;
      const key = this.#keyOf(name!);
      if (result.has(key)) giveUp();
      result.set(key, this.value(depth));
      this.#next('}');
    }
    this.at++;
    return result;
  }

  #sequence(depth: number): YamlValue {
    const result: YamlValue[] = [];
    this.#open();
    while (this.#text[this.at] !== ']') {
      result.push(this.value(depth));
      this.#next(']');
    }
    this.at++;
    return result;
  }

  #scalar(): YamlValue {
    const quoted = this.#text[this.at] === '"' || this.#text[this.at] === "'";
    if (quoted) {
      const [whole, double, single] = this.#match(/"([^"\\]*)"|'([^']*)'/y);
      this.at += whole.length;
      return (double ?? single)!;
    }
    const [whole] = this.#match(/[^,{}[\]"'#:]+(?::[^,{}[\]"'#: ][^,{}[\]"'#:]*)*/y);
    this.at += whole.length;
    return this.#plain(whole.trimEnd());
  }

  #open(): void {
    this.at++;
    this.#skipSpaces();
  }

  /** Behind an item comes a comma and another item, or the end. */
  #next(end: string): void {
    this.#skipSpaces();
    if (this.#text[this.at] === end) return;
    if (this.#text[this.at] !== ',') giveUp();
    this.at++;
    if (this.#text[this.at] !== ' ') giveUp();
    this.#skipSpaces();
    if (this.#text[this.at] === end || this.at >= this.#text.length) giveUp();
  }

  #skipSpaces(): void {
    while (this.#text[this.at] === ' ') this.at++;
  }

  #match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.at;
    return pattern.exec(this.#text) ?? giveUp();
  }
}
