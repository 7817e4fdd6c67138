import type { Random } from '#kernel/random.ts';

/** Fields of something in Envoy's configuration. */
export type Fields = Readonly<Record<string, unknown>>;

/** What `make` gives with the chance `share`, else no fields. */
export function maybe<T extends object>(random: Random, share: number, make: () => T): T | object {
  return random.uniform() < share ? make() : {};
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const chosen = from[random.below(from.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
}
