/**
 * A number for every text that was ever seen: names and domains are compared without their characters.
 *
 * @source istio: pilot/pkg/networking/core/httproute.go, dedupeDomains
 */
export class TextNumbers {
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
    }
    return number;
  }

  get size(): number {
    return this.#numbers.size;
  }
}

/** A set of such numbers that is emptied at no cost: 8,000 domains are claimed for every namespace. */
export class NumberSet {
  #rounds = new Uint32Array(1024);
  #round = 1;

  /** False when it was there. */
  add(number: number): boolean {
    if (number >= this.#rounds.length) this.#grow(number);
    if (this.#rounds[number] === this.#round) return false;
    this.#rounds[number] = this.#round;
    return true;
  }

  has(number: number): boolean {
    return this.#rounds[number] === this.#round;
  }

  clear(): void {
    this.#round++;
  }

  #grow(number: number): void {
    const rounds = new Uint32Array(2 * (number + 1));
    rounds.set(this.#rounds);
    this.#rounds = rounds;
  }
}
