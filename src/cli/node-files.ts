import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';

/** Files of this computer, and `-` for standard input (read once). */
export class NodeFiles implements ScenarioFileSystem {
  #stdin: string | undefined = undefined;

  readFile(path: string): { readonly text: string } | { readonly problem: string } {
    try {
      return { text: path === '-' ? this.#readStdin() : readFileSync(path, 'utf8') };
    } catch (error) {
      return { problem: problemText(error) };
    }
  }

  /** All files below a folder, sorted; folders that start with a dot are passed over. */
  listFiles(path: string): readonly string[] | undefined {
    try {
      return statSync(path).isDirectory() ? filesBelow(path).sort() : undefined;
    } catch {
      return undefined;
    }
  }

  #readStdin(): string {
    this.#stdin ??= readFileSync(0, 'utf8');
    return this.#stdin;
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

const PROBLEMS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a directory'],
  ['ENOTDIR', 'a part of the path is no directory'],
]);

function problemText(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return PROBLEMS.get(String(code)) ?? (typeof code === 'string' ? code : 'it cannot be read');
}
