import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface SourceFile {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** What is written between the quotes. */
  readonly specifier: string;
  /** The file it leads to, if it is ours. */
  readonly to: string | undefined;
  readonly line: number;
}

const SKIPPED = new Set(['node_modules', 'dist', '.git', 'coverage', 'build', 'shots']);

/** All files below `folder` whose name ends in one of `endings`, sorted by path. */
export function filesBelow(folder: string, endings: readonly string[]): SourceFile[] {
  const found: SourceFile[] = [];
  for (const name of readdirSync(join(ROOT, folder)).sort()) {
    if (SKIPPED.has(name)) continue;
    const path = folder === '' ? name : `${folder}/${name}`;
    if (statSync(join(ROOT, path)).isDirectory()) found.push(...filesBelow(path, endings));
    else if (endings.some((ending) => name.endsWith(ending))) {
      found.push({ path, text: readFileSync(join(ROOT, path), 'utf8') });
    }
  }
  return found;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g;

/** Every import and re-export of a file, types included. */
export function importsOf(file: SourceFile): Import[] {
  const imports: Import[] = [];
  for (const match of file.text.matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    const line = file.text.slice(0, match.index + match[0].length).split('\n').length;
    imports.push({ from: file.path, specifier, to: target(file.path, specifier), line });
  }
  return imports;
}

function target(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`;
  if (!specifier.startsWith('.')) return undefined;
  return relative('.', normalize(join(dirname(from), specifier))).replaceAll('\\', '/');
}

/** The folder of `src` that a path lies in, or undefined outside. */
export function layerOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}
