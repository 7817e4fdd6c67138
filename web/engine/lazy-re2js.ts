import type { RE2JS as RealRE2JS } from 're2js';
import { Part } from './part.ts';

/** Stands for `re2js` in the page's engine: its tables are loaded when a project first has a regular expression. */

const part = new Part(
  async () => {
    const loaded = await import('../../node_modules/re2js/build/index.js');
    RE2JS = loaded.RE2JS;
    RE2JSException = loaded.RE2JSException;
    return loaded;
  },
  { rare: true },
);

/** Replaced, for everybody who imports it, by the real one. @public */
export let RE2JS: Pick<typeof RealRE2JS, 'compile'> = {
  compile: (pattern, flags) => part.now().RE2JS.compile(pattern, flags),
};
/** @public */
export let RE2JSException: new (message: string) => Error = class extends Error {};
