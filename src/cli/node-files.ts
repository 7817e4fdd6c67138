import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';

/** Files of this computer, and `-` for standard input (read once). */
export class NodeFiles implements ScenarioFileSystem {
  #stdin: string | undefined = undefined;

  readFile(path: string): { readonly text: string } | { readonly problem: string } {
    try {
      if (path === '-') return { text: this.#readStdin() };
      const bytes = readFileSync(path);
      return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { problem: notUtf8(bytes) };
    } catch (error) {
      return { problem: fileProblem(error) };
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

/** Where the text ends that can be read; what Windows calls Unicode is named. */
function notUtf8(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'it is UTF-16; save it as UTF-8';
  const lines = bytes.toString('utf8').split('\ufffd', 1)[0]?.split('\n') ?? [];
  return `it is no UTF-8 text, from line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1} on`;
}

const PROBLEMS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a directory'],
  ['EROFS', 'nothing can be written there'],
  ['ENOSPC', 'the disk is full'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['ERR_FS_FILE_TOO_LARGE', 'it is too large'],
  ['ERR_STRING_TOO_LONG', 'it is too large'],
  ['ENOTDIR', 'a part of the path is no directory'],
]);

/** What is wrong with a file, in words. */
export function fileProblem(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return PROBLEMS.get(String(code)) ?? (typeof code === 'string' ? code : 'it cannot be read');
}
