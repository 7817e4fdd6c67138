import type { OriginNotes } from './clusters/cluster-origins.ts';
import type { FieldOrigins, Origins } from './origin.ts';

/**
 * Where generated configuration comes from. Most is never asked for: what is dear to note is noted when
 * somebody does (to the first request of 1,000 VirtualServices, a tenth of the translation).
 *
 * @source istio: pilot/pkg/networking/util/util.go, BuildConfigInfoMetadata
 */
export class OriginBook {
  readonly notes: OriginNotes;
  readonly #origins: Origins = new WeakMap();
  readonly #fieldOrigins: FieldOrigins = new WeakMap();
  #pending: (() => void)[] = [];

  constructor() {
    this.notes = {
      origins: this.#origins,
      fieldOrigins: this.#fieldOrigins,
      later: (note) => this.#pending.push(note),
    };
  }

  get origins(): Origins {
    this.#settle();
    return this.#origins;
  }

  get fieldOrigins(): FieldOrigins {
    this.#settle();
    return this.#fieldOrigins;
  }

  #settle(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const note of pending) note();
  }
}
