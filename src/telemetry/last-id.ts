/** The id of a name, for whoever asks for the same name most of the time. */
export class LastId {
  declare private readonly idOf: (name: string) => number;
  #name = '';
  declare private id: number;

  constructor(idOf: (name: string) => number) {
    this.idOf = idOf;
    this.id = idOf('');
  }

  of(name: string): number {
    if (name !== this.#name) {
      this.#name = name;
      this.id = this.idOf(name);
    }
    return this.id;
  }
}
