import { libraryScenarios, runOf } from '../scenarios/library.ts';

/** The digest of every bundled scenario with its own seed, by name. */
export function currentDigests(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    libraryScenarios().map((scenario) => [scenario.name, runOf(scenario).digest]),
  );
}
