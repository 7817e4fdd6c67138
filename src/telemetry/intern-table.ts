import { assert } from '#kernel/assert.ts';

/** Things by name: each has a small integer, and the description it was first given. */
export class InternTable<Description> {
  readonly #ids = new Map<string, number>();
  readonly #descriptions: Description[] = [];

  intern(name: string, description: Description): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = this.#descriptions.length;
    this.#ids.set(name, id);
    this.#descriptions.push(description);
    return id;
  }

  get size(): number {
    return this.#descriptions.length;
  }

  of(id: number): Description {
    assert(id >= 0 && id < this.#descriptions.length, 'an id comes from its own table');
    return this.#descriptions[id]!;
  }

  /** All descriptions, by id. */
  get all(): readonly Description[] {
    return this.#descriptions;
  }
}
