import { useEffect, useReducer, useRef } from 'preact/hooks';

/** One value that the page is drawn from; changed by replacing it. */
export class Store<State> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** A part of a store's value; the component is drawn again when that part becomes another. */
export function useStore<State, Part>(store: Store<State>, pick: (state: State) => Part): Part {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const part = pick(store.state);
  const shown = useRef(part);
  const picker = useRef(pick);
  shown.current = part;
  picker.current = pick;
  useEffect(() => {
    const look = () => {
      if (!Object.is(picker.current(store.state), shown.current)) redraw(0);
    };
    look(); // It may have changed before we listened.
    return store.subscribe(look);
  }, [store]);
  return part;
}
