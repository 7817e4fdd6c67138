import type { Diagnostic } from '#source/diagnostic.ts';
import type { SourceFile } from '#source/source-file.ts';
import { readYaml } from '#source/yaml-read.ts';
import type { ConfigCode } from './codes.ts';
import { globMatcher, globRoot, isGlob } from './glob.ts';
import type { Resource } from './resource.ts';
import { readResources } from './resource-read.ts';

/** How files reach the engine: handed in, so that Node, a worker and a test run the same code. */
export interface Files {
  /** The text of a file (`-` is standard input), or why it can't be read. */
  readFile(path: string): { readonly text: string } | { readonly problem: string };
  /** The paths of all files below a folder; `undefined` when `path` is no folder. */
  listFiles(path: string): readonly string[] | undefined;
}

export interface LoadedResources {
  /** In the order of the inputs, files of a folder sorted by path. */
  readonly resources: readonly Resource[];
  /** Every file that was read, for showing the lines of diagnostics. */
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface LoadOptions {
  /** Of namespaced objects that name none; `default` unless set. */
  readonly defaultNamespace?: string;
}

const MANIFEST = /\.(?:ya?ml|json)$/;
/** Files read for one set of inputs. */
export const MAX_FILES = 20_000;

/** Loads manifests from files, folders (recursive, sorted), patterns and `-`. Never throws. */
export function loadResources(
  inputs: readonly string[],
  files: Files,
  options: LoadOptions = {},
): LoadedResources {
  const diagnostics: Diagnostic[] = [];
  const paths = inputs.flatMap((input) => expand(input, files, diagnostics));
  const read: SourceFile[] = [];
  const resources = [...new Set(paths)].slice(0, MAX_FILES).flatMap((path) => {
    const content = files.readFile(path);
    if ('problem' in content) {
      diagnostics.push(unreadable(path, content.problem));
      return [];
    }
    const loaded = loadText(path, content.text, options);
    read.push(...loaded.files);
    diagnostics.push(...loaded.diagnostics);
    return loaded.resources;
  });
  return { resources, files: read, diagnostics };
}

/** Loads the manifests of one text. `name` stands in places and diagnostics. */
export function loadText(name: string, text: string, options: LoadOptions = {}): LoadedResources {
  const { file, documents, diagnostics } = readYaml(name, text, 'kubernetes');
  const all = [...diagnostics];
  const resources = documents.flatMap((document) =>
    readResources(document, options.defaultNamespace ?? 'default', all),
  );
  return { resources, files: [file], diagnostics: all };
}

function expand(input: string, files: Files, diagnostics: Diagnostic[]): readonly string[] {
  if (input === '-') return [input];
  const below = files.listFiles(input);
  const isPattern = below === undefined && isGlob(input);
  const found = isPattern ? matching(input, files) : below?.filter((path) => MANIFEST.test(path));
  if (found === undefined) return [input];
  if (found.length === 0) {
    const what = isPattern ? 'no file matches' : 'no .yaml, .yml or .json file below';
    diagnostics.push(nothingToRead(`${what} ${input}`));
  }
  return [...found].sort();
}

function matching(pattern: string, files: Files): readonly string[] {
  return (files.listFiles(globRoot(pattern)) ?? []).filter(globMatcher(pattern));
}

function nothingToRead(message: string): Diagnostic {
  const code: ConfigCode = 'MS0127';
  return { code, severity: 'error', message, at: undefined };
}

function unreadable(path: string, problem: string): Diagnostic {
  return { code: 'MS0106', severity: 'error', message: `${path}: ${problem}`, at: undefined };
}
