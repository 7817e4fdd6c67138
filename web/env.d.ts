/// <reference types="vite/client" />

/** Whether this build has the bundled scenarios; a report has only its own. */
declare const __WITH_GALLERY__: boolean;
/** The engine as one classic script, where the page must start it from a Blob; '' elsewhere. */
declare const __ENGINE_SCRIPT__: string;

/** The engine, where the site has started it before the page's own script is there (`early-engine.mjs`). */
declare var meshsimEngine: Worker | undefined;

/** Chromium's own; other browsers have none. */
interface Navigator {
  readonly scheduling?: { isInputPending: () => boolean };
}

/** The library that `engine/lazy-yaml.ts` stands for. */
declare module 'yaml-itself' {
  export * from 'yaml';
}
