/** So many keys below a received one are for a proxy's own attempts and copies: see `RequestKey`. */
const KEYS_PER_HOP = 64;
const FIRST_MIRROR = 32;
const FIRST_REDIRECT = 56;

/** The key of attempt `number` (1 for the first) of a request that came with `received`. */
export function attemptKey(received: number, number: number): number {
  return number === 1 ? received : received * KEYS_PER_HOP + number - 1;
}

/** Whether a key belongs to a retry of the request that came with `received`. */
export function isLaterAttempt(received: number, key: number): boolean {
  return Math.floor(key / KEYS_PER_HOP) === received && key % KEYS_PER_HOP < FIRST_MIRROR;
}

/** The key of the copy for mirror policy `index`. */
export function mirrorKey(received: number, index: number): number {
  return received * KEYS_PER_HOP + FIRST_MIRROR + index;
}

/** The key of the request that internal redirect `count` (1 for the first) makes of one. */
export function redirectKey(received: number, count: number): number {
  return (
    received * KEYS_PER_HOP + FIRST_REDIRECT + Math.min(count, KEYS_PER_HOP - FIRST_REDIRECT) - 1
  );
}
