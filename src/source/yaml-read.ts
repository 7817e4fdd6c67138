import { type Document, type Node, parseAllDocuments, type YAMLError } from 'yaml';
import type { SourceCode } from './codes.ts';
import type { Diagnostic, Place } from './diagnostic.ts';
import { MAX_DOCUMENTS, MAX_FILE_CHARACTERS, MAX_SYNTAX_ERRORS } from './limits.ts';
import type { Path } from './path.ts';
import { SourceFile } from './source-file.ts';
import { aliasResolver } from './yaml-alias.ts';
import { type NodeProblem, YamlConverter } from './yaml-convert.ts';
import { type YamlDocument, YamlPlaces } from './yaml-document.ts';
import { tooDeepAt } from './yaml-nesting.ts';
import { documentParts, type TextPart } from './yaml-parts.ts';
import { readPlainYaml } from './yaml-plain.ts';
import type { YamlDialect } from './yaml-scalar.ts';
import { isMapping, isSequence, type YamlValue } from './yaml-value.ts';

export interface ReadDocument extends YamlDocument {
  /** False when the document has a syntax error: its value is not to be relied on. */
  readonly isSound: boolean;
}

export interface ReadYaml {
  readonly file: SourceFile;
  /** In the order of the text; an empty document has the value null. */
  readonly documents: readonly ReadDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads every document of a YAML (or JSON) text. Never throws: whatever is wrong becomes a diagnostic,
 * and the documents without an error are still given.
 */
export function readYaml(name: string, text: string, dialect: YamlDialect): ReadYaml {
  const file = new SourceFile(name, text);
  if (text.length > MAX_FILE_CHARACTERS) {
    const message = `the file has ${text.length} characters; at most ${MAX_FILE_CHARACTERS} are read`;
    return { file, documents: [], diagnostics: [fileDiagnostic('MS0102', message, file)] };
  }
  const control = CONTROL_CHARACTER.exec(text);
  if (control !== null)
    return { file, documents: [], diagnostics: [controlDiagnostic(file, control.index)] };
  const reader = new DocumentReader(file, dialect);
  const parts = documentParts(file);
  for (const part of parts) reader.read(part, parts.length > 1);
  return { file, documents: reader.documents, diagnostics: reader.diagnostics };
}

/** What no YAML may have: as a rule the file is none, such as a picture or an archive. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;

function controlDiagnostic(file: SourceFile, offset: number): Diagnostic {
  const code = file.text.charCodeAt(offset).toString(16).padStart(4, '0');
  return {
    code: 'MS0100',
    severity: 'error',
    message: `not valid YAML: the control character U+${code} is not allowed`,
    at: file.placeOf(offset, offset + 1),
    hint: 'is this a text? It should be UTF-8, with such characters written as \\u0000 in quotes',
  };
}

/** Reads the parts of a file, each by the plain reader or else by the full parser. */
class DocumentReader {
  readonly documents: ReadDocument[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #file: SourceFile;
  readonly #dialect: YamlDialect;

  constructor(file: SourceFile, dialect: YamlDialect) {
    this.#file = file;
    this.#dialect = dialect;
  }

  /** `isOne`: the part is one document, even when nothing stands in it. */
  read(part: TextPart, isOne: boolean): void {
    if (this.documents.length >= MAX_DOCUMENTS) {
      if (this.documents.length === MAX_DOCUMENTS && this.diagnostics.at(-1)?.code !== 'MS0102')
        this.#refuse('MS0102', `more than ${MAX_DOCUMENTS} documents`);
      return;
    }
    const value = readPlainYaml(part.text, this.#dialect);
    if (value !== undefined) {
      // The full parser is asked only when a place is.
      const places = once(() => this.#placesOf(part));
      this.documents.push({ ...documentAt(places, value, []), isSound: true });
      return;
    }
    const tooDeep = tooDeepAt(part.text);
    if (tooDeep !== undefined) {
      const at = part.placeOf(tooDeep, tooDeep + 1);
      const message = 'the text is nested too deeply';
      this.diagnostics.push({ code: 'MS0102', severity: 'error', message, at });
      return;
    }
    const parsed = parseWhole(part.text);
    if (typeof parsed === 'string') this.#refuse('MS0100', parsed);
    else if (parsed.length === 0 && isOne) this.documents.push(this.#emptyDocument(part));
    else
      for (const document of parsed.slice(0, MAX_DOCUMENTS))
        this.documents.push(readDocument(part, document, this.#dialect, this.diagnostics));
  }

  #refuse(code: SourceCode, message: string): void {
    this.diagnostics.push(fileDiagnostic(code, message, this.#file));
  }

  #placesOf(part: TextPart): YamlPlaces {
    const parsed = parseWhole(part.text);
    const root = typeof parsed === 'string' ? null : (parsed[0]?.contents ?? null);
    return new YamlPlaces(part, root, aliasResolver(root), this.#dialect);
  }

  #emptyDocument(part: TextPart): ReadDocument {
    const places = new YamlPlaces(part, null, () => undefined, this.#dialect);
    return { ...documentAt(() => places, null, []), isSound: true };
  }
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function parseWhole(text: string): readonly Document.Parsed[] | string {
  try {
    const options = {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    };
    const documents = parseAllDocuments(text, options as object);
    return Array.isArray(documents) ? (documents as Document.Parsed[]) : [];
  } catch (error) {
    // The parser's own stack ends before our depth limit can speak.
    return error instanceof RangeError ? 'the text is nested too deeply' : String(error);
  }
}

function readDocument(
  file: TextPart,
  document: Document.Parsed,
  dialect: YamlDialect,
  diagnostics: Diagnostic[],
): ReadDocument {
  for (const error of document.errors.slice(0, MAX_SYNTAX_ERRORS))
    diagnostics.push(syntaxDiagnostic(file, error));
  const resolve = aliasResolver(document.contents);
  const converter = new YamlConverter(file.text, dialect, resolve);
  const value = document.errors.length > 0 ? null : converter.convert(document.contents);
  for (const problem of converter.problems) diagnostics.push(nodeDiagnostic(file, problem));
  const places = new YamlPlaces(file, document.contents, resolve, dialect);
  const isSound = document.errors.length === 0 && converter.problems.length === 0;
  return { ...documentAt(() => places, value, []), isSound };
}

function documentAt(places: () => YamlPlaces, value: YamlValue, base: Path): YamlDocument {
  return {
    value,
    placeOf: (path: Path, part: 'value' | 'key' = 'value'): Place =>
      places().placeOf(base.length === 0 ? path : [...base, ...path], part),
    at: (path: Path) => documentAt(places, valueAt(value, path), [...base, ...path]),
  };
}

function valueAt(value: YamlValue, path: Path): YamlValue {
  let here: YamlValue | undefined = value;
  for (const step of path) {
    if (isMapping(here)) here = here.get(String(step));
    else here = isSequence(here) && typeof step === 'number' ? here[step] : undefined;
  }
  return here ?? null;
}

function syntaxDiagnostic(file: TextPart, error: YAMLError): Diagnostic {
  const isStack = error.message.startsWith('Maximum call stack');
  const hint = syntaxHint(file, error);
  return {
    code: isStack ? 'MS0102' : 'MS0100',
    severity: 'error',
    message: isStack ? 'the text is nested too deeply' : `not valid YAML: ${error.message}`,
    at: file.placeOf(error.pos[0], error.pos[1]),
    ...(hint === undefined ? {} : { hint }),
  };
}

function syntaxHint(file: TextPart, error: YAMLError): string | undefined {
  const line = file.line(file.placeOf(error.pos[0], error.pos[1]).line);
  const [, key, value] = /^\s*(?:- )?(.+?):\s+([>|]\s*[^\s].*)$/.exec(line) ?? [];
  if (key !== undefined) return `quote a value that starts with > or |: ${key}: "${value}"`;
  if (error.code === 'TAB_AS_INDENT') return 'indent with spaces';
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY') return 'quote a value that contains ": "';
  return undefined;
}

function nodeDiagnostic(file: TextPart, problem: NodeProblem): Diagnostic {
  const at = (node: unknown): Place => {
    const range = (node as Node | undefined)?.range ?? [0, 1];
    return file.placeOf(range[0], range[1]);
  };
  const { code, message, node, related } = problem;
  return {
    code,
    severity: 'error',
    message,
    at: at(node),
    ...(related ? { related: [{ at: at(related.node), message: related.message }] } : {}),
  };
}

function fileDiagnostic(code: SourceCode, message: string, file: SourceFile): Diagnostic {
  return { code, severity: 'error', message, at: file.placeOf(0, 1) };
}
