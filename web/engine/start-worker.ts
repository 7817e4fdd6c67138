/**
 * The engine in a worker; from a Blob where the page is one file. A site starts it before the page's own
 * script is there (`early-engine.mjs`): both are fetched and read at the same time.
 */
export function engineWorker(): Worker {
  if (globalThis.meshsimEngine !== undefined) return globalThis.meshsimEngine;
  if (__ENGINE_SCRIPT__ !== '') {
    const url = URL.createObjectURL(new Blob([__ENGINE_SCRIPT__], { type: 'text/javascript' }));
    return new Worker(url);
  }
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}
