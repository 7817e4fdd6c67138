/**
 * Turns one case of a vectors file into the engine's answer: the outcome fields that the shared
 * comparer looks at. An adapter translates names and calls the function that the engine itself uses;
 * it holds no rule of its own.
 */
export type VectorAdapter = (vector: never) => Record<string, unknown>;
