/**
 * Parts of the engine that are loaded when a project first needs them. The engine is synchronous and
 * cannot wait: a part that is missed is noted, and whoever missed it starts again once it is there.
 */

const parts: Loadable[] = [];
const missed = new Set<Loadable>();

interface Loadable {
  load(): Promise<void>;
}

export class Part<Content> {
  readonly #import: () => Promise<Content>;
  #content: Content | undefined;

  /** One that is `rare` is loaded when it is missed, never beforehand. */
  constructor(load: () => Promise<Content>, { rare = false } = {}) {
    this.#import = load;
    if (!rare) parts.push(this);
  }

  /** What is in it; throws, and is noted as missed, while it is not there. */
  now(): Content {
    if (this.#content !== undefined) return this.#content;
    missed.add(this);
    throw new Error('a part of the engine is not loaded yet');
  }

  async load(): Promise<void> {
    this.#content ??= await this.#import();
  }
}

/** Something could not be done without these. */
export class PartsMissed extends Error {
  readonly #parts: readonly Loadable[];

  constructor(wanted: readonly Loadable[]) {
    super('parts of the engine are not loaded yet');
    this.#parts = wanted;
  }

  async load(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.load()));
  }
}

/** Does it; throws if it missed a part, even if that went unnoticed: then what came out does not count. */
export function complete<Result>(work: () => Result): Result {
  try {
    const result = work();
    if (missed.size === 0) return result;
  } catch (error) {
    if (missed.size === 0) throw error;
  }
  const wanted = [...missed];
  missed.clear();
  throw new PartsMissed(wanted);
}

/** Does it again from the start until no part was missed. */
export async function withParts(work: () => void | Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof PartsMissed)) throw error;
      await error.load();
    }
  }
}

/** Loads everything that is not rare, so that nothing is waited for later. */
export async function loadAll(): Promise<void> {
  await Promise.all(parts.map((part) => part.load()));
}
