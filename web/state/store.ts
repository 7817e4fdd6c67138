import { useContext, useEffect, useReducer, useRef } from 'preact/hooks';
import { drawInTurn, TurnOf } from './turns.tsx';

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
  return useChanging(store, pick, Object.is);
}

/** Several parts by name: drawn again when one of them becomes another. */
export function useParts<State, Key extends keyof State>(
  store: Store<State>,
  keys: readonly Key[],
): State {
  return useChanging(
    store,
    (state) => state,
    (a, b) => keys.every((key) => Object.is(a[key], b[key])),
  );
}

function useChanging<State, Part>(
  store: Store<State>,
  pick: (state: State) => Part,
  isSame: (a: Part, b: Part) => boolean,
): Part {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const turn = useContext(TurnOf);
  const part = pick(store.state);
  const latest = useRef({ part, pick, isSame });
  latest.current = { part, pick, isSame };
  useEffect(() => {
    let isGone = false;
    const draw = () => {
      if (!isGone) redraw(0);
    };
    const look = () => {
      const { part: shown, pick: picks, isSame: holds } = latest.current;
      if (!holds(picks(store.state), shown)) drawInTurn(turn, draw);
    };
    look(); // It may have changed before we listened.
    const stop = store.subscribe(look);
    return () => {
      isGone = true;
      stop();
    };
  }, [store, turn]);
  return part;
}
