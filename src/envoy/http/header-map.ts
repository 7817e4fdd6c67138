/**
 * An ordered multimap of HTTP headers: names are lower case, several lines of one name keep their order.
 *
 * @source envoy: source/common/http/header_map_impl.cc
 */
export class HeaderMap {
  readonly names: string[] = [];
  readonly values: string[] = [];

  get size(): number {
    return this.names.length;
  }

  /** The first line's value. */
  get(name: string): string | undefined {
    const index = this.names.indexOf(name);
    return index < 0 ? undefined : this.values[index];
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** All lines of a name, in order. */
  getAll(name: string): readonly string[] {
    return this.values.filter((_, index) => this.names[index] === name);
  }

  /** Adds one more line. */
  append(name: string, value: string): void {
    this.names.push(name);
    this.values.push(value);
  }

  /** One line in place of all of that name. */
  set(name: string, value: string): void {
    this.remove(name);
    this.append(name, value);
  }

  remove(name: string): void {
    for (let index = this.names.length - 1; index >= 0; index--) {
      if (this.names[index] !== name) continue;
      this.names.splice(index, 1);
      this.values.splice(index, 1);
    }
  }

  clear(): void {
    this.names.length = 0;
    this.values.length = 0;
  }

  /** Makes this map equal to `other`. */
  copyFrom(other: HeaderMap): void {
    this.clear();
    for (let index = 0; index < other.names.length; index++) {
      this.append(other.names[index]!, other.values[index]!);
    }
  }
}
