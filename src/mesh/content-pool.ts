import type { ProxySnapshot } from '#envoy/proxy-environment.ts';
import type { FieldOrigins, Origins } from '#istiod/origin.ts';

/** Where generated configuration comes from, beside it. */
export interface Provenance {
  readonly origins: Origins;
  readonly fieldOrigins: FieldOrigins;
}

/**
 * Makes equal configuration one object: proxies of different classes and successive versions share
 * what is equal in content, so that it is compiled once and what did not change keeps its state.
 */
export class ContentPool implements Provenance {
  readonly #origins: Origins = new WeakMap();
  readonly #fieldOrigins: FieldOrigins = new WeakMap();
  readonly #byContent = new Map<string, object>();
  /** What was seen before needs no second look. */
  readonly #byIdentity = new WeakMap<object, object>();
  /** Every configuration that was handed out, in order. */
  readonly snapshots: ProxySnapshot[] = [];
  /** First objects of their content whose origins nobody has asked for: most runs never do. */
  readonly #unnoted = new Map<object, Provenance>();

  get origins(): Origins {
    this.#noteAll();
    return this.#origins;
  }

  get fieldOrigins(): FieldOrigins {
    this.#noteAll();
    return this.#fieldOrigins;
  }

  /** The first object of this content. The newest origin stays. */
  shared<T extends object>(value: T, provenance: Provenance): T {
    const seen = this.#byIdentity.get(value);
    if (seen !== undefined) return seen as T; // Filed under the very value.
    const content = JSON.stringify(value);
    const known = this.#byContent.get(content) ?? value;
    this.#byIdentity.set(value, known);
    if (known === value) {
      this.#byContent.set(content, value);
      this.#unnoted.set(value, provenance);
    } else {
      this.#note(known);
      this.#copyOrigins(value, known, provenance);
    }
    return known as T; // Equal content, hence the same type.
  }

  sharedList<T extends object>(values: Iterable<T>, provenance: Provenance): readonly T[] {
    return Array.from(values, (value) => this.shared(value, provenance));
  }

  #noteAll(): void {
    for (const value of this.#unnoted.keys()) this.#note(value);
  }

  #note(value: object): void {
    const provenance = this.#unnoted.get(value);
    if (provenance === undefined) return;
    this.#unnoted.delete(value);
    this.#copyOrigins(value, value, provenance);
  }

  /** Walks two equal objects side by side. */
  #copyOrigins(from: object, to: object, provenance: Provenance): void {
    const origin = provenance.origins.get(from);
    if (origin !== undefined) this.#origins.set(to, origin);
    const fields = provenance.fieldOrigins.get(from);
    if (fields !== undefined) this.#fieldOrigins.set(to, fields);
    const sources = Object.values(from);
    const targets = Object.values(to);
    for (let index = 0; index < sources.length; index++) {
      const child: unknown = sources[index];
      const twin: unknown = targets[index];
      if (isObject(child) && isObject(twin)) this.#copyOrigins(child, twin, provenance);
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
