import type { ScenarioFileSystem } from '#scenario/file/file-system.ts';

/** Files held in memory, in front of others; neither changes the other. */
export class LayeredFiles implements ScenarioFileSystem {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #below: ScenarioFileSystem | undefined;

  constructor(texts: ReadonlyMap<string, string>, below: ScenarioFileSystem | undefined) {
    this.#texts = texts;
    this.#below = below;
  }

  readFile(path: string): { readonly text: string } | { readonly problem: string } {
    const text = this.#texts.get(path);
    if (text !== undefined) return { text };
    return this.#below?.readFile(path) ?? { problem: 'no such file' };
  }

  listFiles(path: string): readonly string[] | undefined {
    const below = this.#below?.listFiles(path);
    const prefix = path === '.' ? '' : `${path}/`;
    const own = [...this.#texts.keys()].filter((name) => name.startsWith(prefix));
    if (own.length === 0 || this.#texts.has(path)) return below;
    return [...new Set([...own, ...(below ?? [])])].sort();
  }
}
