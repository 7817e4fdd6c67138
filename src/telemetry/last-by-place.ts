/**
 * One thing for each place, a small integer as the recorder numbers hosts and proxies, or −1; places
 * far apart share one. For what was reported last from there: what comes next is most likely like it.
 */
export class LastByPlace<T> {
  readonly #things: T[] = [];

  constructor(make: () => T) {
    for (let index = 0; index < SIZE; index++) this.#things.push(make());
  }

  at(place: number): T {
    return this.#things[place & (SIZE - 1)]!;
  }
}

/** A power of two. */
const SIZE = 16;
