import type { Origins } from '#istiod/origin.ts';

/**
 * Makes equal configuration one object: proxies of different classes and successive versions share
 * what is equal in content, so that it is compiled once and what did not change keeps its state.
 */
export class ContentPool {
  readonly #byContent = new Map<string, object>();
  readonly #origins: Origins;

  constructor(origins: Origins) {
    this.#origins = origins;
  }

  /** The first object of this content. The newest origin stays. */
  shared<T extends object>(value: T, origins: Origins): T {
    const content = JSON.stringify(value);
    const known = this.#byContent.get(content);
    if (known === undefined) {
      this.#byContent.set(content, value);
      copyOrigins(value, value, origins, this.#origins);
      return value;
    }
    copyOrigins(value, known, origins, this.#origins);
    return known as T; // Equal content, hence the same type.
  }

  sharedList<T extends object>(values: readonly T[], origins: Origins): readonly T[] {
    return values.map((value) => this.shared(value, origins));
  }
}

/** Walks two equal objects side by side. */
function copyOrigins(from: object, to: object, source: Origins, target: Origins): void {
  const origin = source.get(from);
  if (origin !== undefined) target.set(to, origin);
  const sources = Object.values(from);
  const targets = Object.values(to);
  for (let index = 0; index < sources.length; index++) {
    const child: unknown = sources[index];
    const twin: unknown = targets[index];
    if (typeof child === 'object' && child !== null && typeof twin === 'object' && twin !== null)
      copyOrigins(child, twin, source, target);
  }
}
