/** The package's public entry. */
export type { Diagnostic, Place } from './source/diagnostic.ts';
