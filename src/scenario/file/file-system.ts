/** How files reach the engine: handed in, so that Node, a worker and a test run the same code. */
export interface ScenarioFileSystem {
  /** The text of a file (`-` is standard input), or why it can't be read. */
  readFile(path: string): { readonly text: string } | { readonly problem: string };
  /** The paths of all files below a folder; `undefined` when `path` is no folder. */
  listFiles(path: string): readonly string[] | undefined;
}
