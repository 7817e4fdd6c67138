import { writeFileSync } from 'node:fs';
import { fileProblem } from './node-files.ts';

/** Writes a file of results. Answers why it cannot, if it cannot. */
export function writeFile(path: string, content: string | Uint8Array): string | undefined {
  try {
    writeFileSync(path, content);
    return undefined;
  } catch (error) {
    const problem = fileProblem(error);
    // The file need not be there, so its folder is what is missing.
    return `cannot write ${path}: ${problem === 'no such file' ? 'no such folder' : problem}`;
  }
}
