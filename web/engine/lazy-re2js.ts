import type { RE2JS as RealRE2JS } from 're2js';

/**
 * Stands for `re2js` in the page's engine: its tables are loaded when a project first has a regular
 * expression. The engine is synchronous and cannot wait: a miss is noted, and whoever met it starts
 * again once the real thing is there.
 */

const missing = {
  compile: (): never => {
    isMissed = true;
    throw new RE2JSException('regular expressions are not loaded yet');
  },
};

let isMissed = false;

/** Replaced, for everybody who imports it, by what `loadMissed` has loaded. @public */
export let RE2JS: Pick<typeof RealRE2JS, 'compile'> = missing;
export let RE2JSException: new (message: string) => Error = class extends Error {};

/** Loads it if it was missed: then true, and all that was done before has to be done again. */
export async function loadMissed(): Promise<boolean> {
  if (!isMissed) return false;
  isMissed = false;
  const loaded = await import('../../node_modules/re2js/build/index.js');
  RE2JS = loaded.RE2JS;
  RE2JSException = loaded.RE2JSException;
  return true;
}

export function wasMissed(): boolean {
  return isMissed;
}
