import { hasRegexEngine } from './regex.ts';

/** Loads RE2. Await this before compiling configuration for which `mentionsRegex` holds. */
export async function loadRegexEngine(): Promise<void> {
  if (!hasRegexEngine()) await import('./re2.ts');
}
