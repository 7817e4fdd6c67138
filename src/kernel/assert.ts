/** We are wrong: a condition that the code relies on does not hold. Never thrown for what a person wrote. */
class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops the run when `condition` is false. `message` says what must hold, positively. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
